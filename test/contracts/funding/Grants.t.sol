// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Grants: what is released is the recipient's, what is not can be taken back, and a committee has its bounds.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Grants} from "../../../contracts/funding/Grants.sol";
import {GrantState as S} from "../../../contracts/funding/GrantStates.sol";
import {IGrants as I} from "../../../contracts/funding/IGrants.sol";
import {IProgramFunds} from "../../../contracts/funding/IProgramFunds.sol";
import {FundingBase} from "../support/FundingBase.t.sol";

contract GrantsTest is FundingBase {
    uint40 private constant DEADLINE = START + 90 days;
    uint64 private constant TEAM = 7;
    address private immutable member = account("member");

    function setUp() public override {
        super.setUp();
        token.mint(address(grants), 5_000);
        grants.setCommittee(TEAM, member, 500, 1_000);
    }

    function test_it_is_set_up_once() public {
        assertEq(grants.token(), address(token), "token");
        assertEq(grants.treasury(), treasury, "treasury");
        assertEq(grants.authority(), address(manager), "authority");
        assertEq(grants.TRANCHES_MAX(), 32, "most tranches");
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        grants.initialize(stranger, stranger, stranger);
        Grants implementation = new Grants();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(stranger, stranger, stranger);
    }

    function test_strangers_decide_nothing() public {
        _create();
        bytes[] memory calls = new bytes[](8);
        calls[0] = abi.encodeCall(I.create, (stranger, _amounts(), _milestones(3), 0, DEADLINE, ""));
        calls[1] = abi.encodeCall(I.release, (1, 0, ""));
        calls[2] = abi.encodeCall(I.extend, (1, DEADLINE));
        calls[3] = abi.encodeCall(I.clawBack, (1));
        calls[4] = abi.encodeCall(I.setCommittee, (1, stranger, 1, 1));
        calls[5] = abi.encodeCall(I.removeCommittee, (TEAM));
        calls[6] = abi.encodeCall(IProgramFunds.sweepSurplus, ());
        calls[7] = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(new Grants()), ""));
        assertRestricted(address(grants), calls);
    }

    function test_an_upgrade_keeps_everything() public {
        _create();
        grants.upgradeToAndCall(address(new Grants()), "");
        assertEq(grants.grantOf(1).unreleased, 600, "grant");
        assertEq(grants.committeeOf(TEAM).member, member, "committee");
        assertEq(grants.reserved(), 600, "reserved");
    }

    function test_a_created_grant_is_what_was_voted() public {
        vm.expectEmit();
        emit I.GrantCreated(1, alice, TEAM, _amounts(), _milestones(3), DEADLINE, "a decoder");
        assertEq(grants.create(alice, _amounts(), _milestones(3), TEAM, DEADLINE, "a decoder"), 1, "id");
        I.Grant memory grant = grants.grantOf(1);
        assertEq(grant.recipient, alice, "recipient");
        assertEq(grant.deadline, DEADLINE, "deadline");
        assertTrue(grant.state == S.Open, "state");
        assertEq(grant.trancheCount, 3, "tranches");
        assertEq(grant.releasedBits, 0, "released");
        assertEq(grant.unreleased, 600, "unreleased");
        assertEq(grant.withdrawable, 0, "withdrawable");
        assertEq(grant.committeeId, TEAM, "committee");
        uint96[] memory tranches = grants.tranchesOf(1);
        assertEq(tranches.length, 3, "count");
        for (uint256 i = 0; i < 3; ++i) assertEq(tranches[i], _amounts()[i], "tranche");
        assertEq(grants.reserved(), 600, "reserved");
        assertEq(grants.available(), 4_400, "available");
        assertEq(_create(), 2, "next id");
        assertEq(grants.grantCount(), 2, "count");
    }

    function test_a_grant_needs_a_recipient_tranches_a_deadline_and_a_known_committee() public {
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        grants.create(address(0), _amounts(), _milestones(3), 0, DEADLINE, "");
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(grants)));
        grants.create(address(grants), _amounts(), _milestones(3), 0, DEADLINE, "");
        vm.expectRevert(abi.encodeWithSelector(I.DeadlineInvalid.selector, START));
        grants.create(alice, _amounts(), _milestones(3), 0, START, "");
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeUnknown.selector, 8));
        grants.create(alice, _amounts(), _milestones(3), 8, DEADLINE, "");
        _refused(new uint96[](0), _milestones(0));
        _refused(_amounts(), _milestones(2));
        _refused(_amounts(), _milestones(4));
        _refused(_same(33, 1), _milestones(33));
        uint96[] memory withNothing = _amounts();
        withNothing[2] = 0;
        _refused(withNothing, _milestones(3));
        withNothing = _amounts();
        withNothing[0] = 0;
        _refused(withNothing, _milestones(3));
        grants.create(alice, _same(1, 1), _milestones(1), 0, START + 1, "the least");
        grants.create(alice, _same(32, 1), _milestones(32), 0, DEADLINE, "the most");
        assertEq(grants.reserved(), 33, "reserved");
    }

    function test_money_is_promised_once() public {
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 5_001, 5_000));
        grants.create(alice, _same(1, 5_001), _milestones(1), 0, DEADLINE, "");
        grants.create(alice, _same(2, 2_500), _milestones(2), 0, DEADLINE, "");
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 1, 0));
        grants.create(alice, _same(1, 1), _milestones(1), 0, DEADLINE, "");
    }

    function test_a_released_tranche_is_the_recipient_s() public {
        _create();
        vm.expectEmit();
        emit I.TrancheReleased(1, 1, address(this), 200, "report");
        grants.release(1, 1, "report");
        I.Grant memory grant = grants.grantOf(1);
        assertEq(grant.releasedBits, 2, "released");
        assertEq(grant.unreleased, 400, "unreleased");
        assertEq(grant.withdrawable, 200, "withdrawable");
        assertEq(grants.reserved(), 600, "still owed");
        assertEq(token.balanceOf(alice), 0, "nothing is sent unasked");
        vm.expectRevert(abi.encodeWithSelector(I.TrancheAlreadyReleased.selector, 1, 1));
        grants.release(1, 1, "");
        grants.release(1, 0, "");
        vm.prank(alice);
        vm.expectEmit();
        emit I.GrantWithdrawn(1, bob, 300);
        assertEq(grants.withdraw(1, bob), 300, "amount");
        assertEq(token.balanceOf(bob), 300, "whom the recipient names");
        assertEq(grants.reserved(), 300, "reserved");
        assertEq(grants.grantOf(1).withdrawable, 0, "once");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NothingToWithdraw.selector, 1));
        grants.withdraw(1, bob);
    }

    function test_the_last_tranche_completes_a_grant() public {
        _create();
        grants.release(1, 2, "");
        grants.release(1, 0, "");
        assertTrue(grants.grantOf(1).state == S.Open, "one is left");
        vm.expectEmit();
        emit I.TrancheReleased(1, 1, address(this), 200, "");
        vm.expectEmit();
        emit I.GrantEnded(1, S.Completed, 0);
        grants.release(1, 1, "");
        assertTrue(grants.grantOf(1).state == S.Completed, "completed");
        assertEq(grants.grantOf(1).releasedBits, 7, "all of them");
        _refusedAsEnded(S.Completed);
        vm.prank(alice);
        assertEq(grants.withdraw(1, alice), 600, "amount");
        assertEq(grants.reserved(), 0, "nothing is owed");
    }

    function test_all_of_32_tranches_are_released_one_by_one() public {
        uint96[] memory tranches = new uint96[](32);
        for (uint96 i = 0; i < 32; ++i) tranches[i] = i + 1;
        grants.create(alice, tranches, _milestones(32), 0, DEADLINE, "");
        uint256 released = 0;
        for (uint256 i = 32; i > 0; --i) {
            grants.release(1, i - 1, "");
            released += i;
            assertEq(grants.grantOf(1).withdrawable, released, "withdrawable");
        }
        assertEq(grants.grantOf(1).releasedBits, type(uint32).max, "all bits");
        assertTrue(grants.grantOf(1).state == S.Completed, "completed");
    }

    function test_only_tranches_of_open_grants_are_released() public {
        vm.expectRevert(abi.encodeWithSelector(I.GrantNotOpen.selector, 1, S.None));
        grants.release(1, 0, "");
        _create();
        vm.expectRevert(abi.encodeWithSelector(I.TrancheUnknown.selector, 1, 3));
        grants.release(1, 3, "");
        vm.expectRevert(abi.encodeWithSelector(I.TrancheUnknown.selector, 1, 256));
        grants.release(1, 256, "");
        vm.expectRevert(abi.encodeWithSelector(I.TrancheUnknown.selector, 1, type(uint256).max));
        grants.release(1, type(uint256).max, "");
    }

    function test_a_clawed_back_grant_keeps_what_was_released() public {
        _create();
        grants.release(1, 0, "");
        vm.expectEmit();
        emit I.GrantEnded(1, S.ClawedBack, 500);
        assertEq(grants.clawBack(1), 500, "freed");
        assertEq(token.balanceOf(treasury), 500, "returned at once");
        assertTrue(grants.grantOf(1).state == S.ClawedBack, "state");
        assertEq(grants.grantOf(1).unreleased, 0, "unreleased");
        assertEq(grants.reserved(), 100, "reserved");
        _refusedAsEnded(S.ClawedBack);
        vm.prank(alice);
        assertEq(grants.withdraw(1, alice), 100, "the recipient's");
        assertEq(grants.available(), 4_400, "available");
    }

    function test_from_its_deadline_on_anyone_may_let_a_grant_expire() public {
        _create();
        grants.release(1, 0, "");
        vm.warp(DEADLINE - 1);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlineNotPassed.selector, 1, DEADLINE));
        grants.expire(1);
        grants.release(1, 1, "in the last second");
        vm.warp(DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, 1, DEADLINE));
        grants.release(1, 2, "");
        vm.prank(stranger);
        vm.expectEmit();
        emit I.GrantEnded(1, S.Expired, 300);
        assertEq(grants.expire(1), 300, "freed");
        assertEq(token.balanceOf(treasury), 300, "to the treasury");
        assertEq(token.balanceOf(stranger), 0, "and nobody else");
        _refusedAsEnded(S.Expired);
        vm.prank(alice);
        assertEq(grants.withdraw(1, alice), 300, "the recipient's");
    }

    function test_an_extended_grant_goes_on() public {
        _create();
        vm.warp(DEADLINE + 5);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlineInvalid.selector, DEADLINE + 5));
        grants.extend(1, DEADLINE + 5);
        vm.expectEmit();
        emit I.GrantExtended(1, DEADLINE + 6);
        grants.extend(1, DEADLINE + 6);
        assertEq(grants.grantOf(1).deadline, DEADLINE + 6, "deadline");
        grants.release(1, 0, "");
        grants.extend(1, DEADLINE + 10);
        vm.warp(DEADLINE + 9);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlineNotPassed.selector, 1, DEADLINE + 10));
        grants.expire(1);
    }

    function test_only_the_recipient_withdraws_and_moves() public {
        _create();
        grants.release(1, 0, "");
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, address(this), alice));
        grants.withdraw(1, bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, address(this), alice));
        grants.move(1, bob);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        grants.withdraw(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(grants)));
        grants.withdraw(1, address(grants));
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        grants.move(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(grants)));
        grants.move(1, address(grants));
        vm.expectEmit();
        emit I.GrantMoved(1, alice, bob);
        grants.move(1, bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, alice, bob));
        grants.withdraw(1, alice);
        vm.startPrank(bob);
        assertEq(grants.withdraw(1, bob), 100, "goes along");
    }

    function test_a_committee_releases_within_its_budget() public {
        _create();
        vm.startPrank(member);
        vm.expectEmit();
        emit I.TrancheReleased(1, 2, member, 300, "done");
        grants.releaseByCommittee(1, 2, "done");
        assertEq(grants.grantOf(1).withdrawable, 300, "released");
        assertEq(grants.spendableOf(TEAM), 200, "spendable");
        grants.releaseByCommittee(1, 1, "");
        assertEq(grants.spendableOf(TEAM), 0, "all of it");
        assertEq(grants.committeeOf(TEAM).debt, 500_000, "debt");
        assertEq(grants.committeeOf(TEAM).updatedAt, START, "updated");
        vm.expectRevert(abi.encodeWithSelector(I.BudgetShort.selector, TEAM, 100, 0));
        grants.releaseByCommittee(1, 0, "");
        vm.warp(START + 199);
        vm.expectRevert(abi.encodeWithSelector(I.BudgetShort.selector, TEAM, 100, 99));
        grants.releaseByCommittee(1, 0, "");
        vm.warp(START + 200);
        grants.releaseByCommittee(1, 0, "");
        assertTrue(grants.grantOf(1).state == S.Completed, "completed by a committee");
        assertEq(grants.committeeOf(TEAM).updatedAt, START + 200, "updated");
        assertEq(grants.committeeOf(TEAM).budget, 500, "budget");
        assertEq(grants.committeeOf(TEAM).periodSeconds, 1_000, "period");
    }

    function test_a_vote_is_not_bound_by_a_budget_and_does_not_use_it() public {
        grants.create(alice, _same(2, 501), _milestones(2), TEAM, DEADLINE, "");
        grants.release(1, 0, "");
        assertEq(grants.spendableOf(TEAM), 500, "untouched");
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.BudgetShort.selector, TEAM, 501, 500));
        grants.releaseByCommittee(1, 1, "");
    }

    function test_a_committee_releases_only_grants_that_name_it() public {
        address other = account("other");
        grants.setCommittee(8, other, 500, 1_000);
        _create();
        grants.create(alice, _amounts(), _milestones(3), 0, DEADLINE, "nobody's");
        vm.prank(other);
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 1, TEAM, other));
        grants.releaseByCommittee(1, 0, "");
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 2, 0, member));
        grants.releaseByCommittee(2, 0, "");
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 3, 0, member));
        grants.releaseByCommittee(3, 0, "");
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 1, TEAM, address(this)));
        grants.releaseByCommittee(1, 0, "");
        vm.warp(DEADLINE);
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, 1, DEADLINE));
        grants.releaseByCommittee(1, 0, "");
        assertEq(grants.spendableOf(TEAM), 500, "a refused release costs nothing");
    }

    function test_a_removed_committee_is_stopped_at_once() public {
        _create();
        vm.expectEmit();
        emit I.CommitteeRemoved(TEAM);
        grants.removeCommittee(TEAM);
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 1, TEAM, member));
        grants.releaseByCommittee(1, 0, "");
        assertEq(grants.spendableOf(TEAM), 0, "spendable");
        assertEq(grants.committeeOf(TEAM).budget, 0, "forgotten");
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeUnknown.selector, TEAM));
        grants.removeCommittee(TEAM);
        grants.release(1, 0, "a vote still can");
    }

    function test_a_committee_has_a_number_a_member_a_budget_and_a_period() public {
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeInvalid.selector, 0, member, 1, 1));
        grants.setCommittee(0, member, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeInvalid.selector, 1, address(0), 1, 1));
        grants.setCommittee(1, address(0), 1, 1);
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeInvalid.selector, 1, member, 0, 1));
        grants.setCommittee(1, member, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(I.CommitteeInvalid.selector, 1, member, 1, 0));
        grants.setCommittee(1, member, 1, 0);
        vm.expectEmit();
        emit I.CommitteeSet(1, member, 1, 1);
        grants.setCommittee(1, member, 1, 1);
        I.Committee memory committee = grants.committeeOf(1);
        assertEq(committee.member, member, "member");
        assertEq(committee.budget, 1, "budget");
        assertEq(committee.periodSeconds, 1, "period");
        assertEq(committee.updatedAt, START, "updated");
        assertEq(committee.debt, 0, "a new one has its whole budget");
        assertEq(grants.spendableOf(1), 1, "spendable");
    }

    function test_a_changed_committee_still_lacks_what_it_spent() public {
        _create();
        vm.prank(member);
        grants.releaseByCommittee(1, 2, "");
        address next = account("next");
        vm.warp(START + 100);
        grants.setCommittee(TEAM, next, 600, 2_000);
        assertEq(grants.spendableOf(TEAM), 350, "250 are missing");
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(I.NotCommittee.selector, 1, TEAM, member));
        grants.releaseByCommittee(1, 0, "");
        vm.prank(next);
        grants.releaseByCommittee(1, 0, "");
        assertEq(grants.spendableOf(TEAM), 250, "spent");
        vm.warp(START + 1_100);
        assertEq(grants.spendableOf(TEAM), 550, "regained");
    }

    function test_surplus_goes_to_the_treasury_and_nothing_else_does() public {
        _create();
        vm.expectEmit();
        emit IProgramFunds.SurplusSwept(4_400);
        assertEq(grants.sweepSurplus(), 4_400, "swept");
        assertEq(token.balanceOf(treasury), 4_400, "returned");
        assertEq(token.balanceOf(address(grants)), 600, "kept");
    }

    function _create() private returns (uint256) {
        return grants.create(alice, _amounts(), _milestones(3), TEAM, DEADLINE, "work");
    }

    function _refused(uint96[] memory tranches, string[] memory milestones) private {
        vm.expectRevert(abi.encodeWithSelector(I.TranchesInvalid.selector, tranches, milestones));
        grants.create(alice, tranches, milestones, 0, DEADLINE, "");
    }

    function _refusedAsEnded(S state) private {
        bytes memory reason = abi.encodeWithSelector(I.GrantNotOpen.selector, 1, state);
        vm.expectRevert(reason);
        grants.release(1, 2, "");
        vm.prank(member);
        vm.expectRevert(reason);
        grants.releaseByCommittee(1, 2, "");
        vm.expectRevert(reason);
        grants.extend(1, DEADLINE + 1 days);
        vm.expectRevert(reason);
        grants.clawBack(1);
        vm.expectRevert(reason);
        grants.expire(1);
    }

    function _amounts() private pure returns (uint96[] memory amounts) {
        amounts = new uint96[](3);
        (amounts[0], amounts[1], amounts[2]) = (100, 200, 300);
    }

    function _same(uint256 count, uint96 amount) private pure returns (uint96[] memory amounts) {
        amounts = new uint96[](count);
        for (uint256 i = 0; i < count; ++i) amounts[i] = amount;
    }

    function _milestones(uint256 count) private pure returns (string[] memory milestones) {
        milestones = new string[](count);
        for (uint256 i = 0; i < count; ++i) milestones[i] = "milestone";
    }
}
