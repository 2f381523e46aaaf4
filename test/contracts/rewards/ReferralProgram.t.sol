// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Referrals: both are paid once, for a new device that earned, under the terms they agreed to, and from what is there.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IReferralProgram as I} from "../../../contracts/rewards/IReferralProgram.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

contract ReferralProgramTest is RewardsBase {
    uint256 private constant OTHER_KEY = 0xD02;
    uint256 private constant FUNDS = 2_500_000e18;
    bytes32[] private proof;

    function setUp() public override {
        super.setUp();
        _enrolFor(DEVICE_KEY, ALICE);
        dimo.transfer(address(referrals), FUNDS);
    }

    function test_set_up_as_told() public view {
        _eq("token", referrals.token(), address(dimo));
        _eq("treasury", referrals.treasury(), TREASURY);
        _eq("miners", referrals.minerRegistry(), address(miners));
        _eq("pool", referrals.rewardPool(), address(pool));
        _eq("version", referrals.termsVersion(), 1);
        I.Terms memory expected = I.Terms(50e18, 50e18, 2_500_000e18);
        _eq("terms", keccak256(abi.encode(referrals.termsOf(1))), keccak256(abi.encode(expected)));
        _eq("closed", referrals.closedAt(), 0);
    }

    function test_both_are_paid_after_the_first_rewarded_week() public {
        vm.expectEmit();
        emit I.ReferralAccepted(device, ALICE, BOB, 1);
        _accept(device, ALICE, BOB);
        I.Referral memory expected = I.Referral(ALICE, uint40(START), false, 1, BOB);
        _eq("accepted", keccak256(abi.encode(referrals.referralOf(device))), keccak256(abi.encode(expected)));
        _eq("device", referrals.deviceOf(ALICE), device);
        _reward(0, 7e18);
        vm.expectEmit();
        emit I.ReferralPaid(device, ALICE, BOB, 50e18, 50e18);
        vm.prank(STRANGER);
        referrals.pay(device, 0, 0, 7e18, proof);
        _eq("referee", dimo.balanceOf(ALICE), 50e18);
        _eq("referrer", dimo.balanceOf(BOB), 50e18);
        _eq("left", dimo.balanceOf(address(referrals)), FUNDS - 100e18);
        _eq("paid in all", referrals.paidTotal(), 100e18);
        _eq("paid", referrals.referralOf(device).paid, true);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyPaid.selector, device));
        referrals.pay(device, 0, 0, 7e18, proof);
    }

    function test_a_referral_needs_an_owner_and_a_referrer_who_is_someone_else() public {
        address[2] memory nobody = [address(0), ALICE];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(ALICE);
            vm.expectRevert(abi.encodeWithSelector(I.ReferrerInvalid.selector, nobody[i]));
            referrals.accept(device, nobody[i]);
        }
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER));
        referrals.accept(device, BOB);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, address(1), STRANGER));
        referrals.accept(address(1), BOB);
    }

    function test_the_device_counts_now() public {
        manufacturers.suspend(licenceId, "fault");
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceNotEffective.selector, device));
        referrals.accept(device, BOB);
        manufacturers.reinstate(licenceId);
        _accept(device, ALICE, BOB);
    }

    function test_the_device_is_new() public {
        vm.warp(START + 30 days);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceNotNew.selector, device, START + 30 days));
        referrals.accept(device, BOB);
        vm.warp(START + 30 days - 1);
        _accept(device, ALICE, BOB);
    }

    function test_a_device_is_referred_once_whoever_owns_it_later() public {
        _accept(device, ALICE, BOB);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceReferred.selector, device, ALICE));
        referrals.accept(device, STRANGER);
        _handOver(device, ALICE, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceReferred.selector, device, ALICE));
        referrals.accept(device, BOB);
    }

    function test_an_account_is_a_referee_once() public {
        _accept(device, ALICE, BOB);
        address second = _enrolFor(OTHER_KEY, ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(I.RefereeKnown.selector, ALICE, device));
        referrals.accept(second, BOB);
    }

    function test_a_payment_proves_a_reward_of_a_week_that_ended_later() public {
        vm.expectRevert(abi.encodeWithSelector(I.NotReferred.selector, device));
        referrals.pay(device, 0, 0, 7e18, proof);
        uint256 ended = MONDAY + 1 weeks;
        vm.warp(ended);
        _accept(device, ALICE, BOB);
        _reward(0, 7e18);
        vm.expectRevert(abi.encodeWithSelector(I.EpochTooEarly.selector, 0, ended, ended));
        referrals.pay(device, 0, 0, 7e18, proof);
        _reward(1, 7e18);
        referrals.pay(device, 1, 0, 7e18, proof);
        _eq("paid", dimo.balanceOf(BOB), 50e18);
    }

    function test_a_week_that_ends_a_second_after_the_acceptance_counts() public {
        vm.warp(MONDAY + 1 weeks - 1);
        _accept(device, ALICE, BOB);
        _reward(0, 7e18);
        referrals.pay(device, 0, 0, 7e18, proof);
        _eq("paid", dimo.balanceOf(BOB), 50e18);
    }

    function test_a_reward_counts_once_nobody_can_veto_it() public {
        _accept(device, ALICE, BOB);
        (proof, ) = _post(0, 7e18, 1, 7e18 + 1);
        vm.warp(block.timestamp + 48 hours - 1);
        _refuseProof(0, 7e18);
        pool.veto(0, "wrong");
        vm.warp(block.timestamp + 1);
        _refuseProof(0, 7e18);
        _reward(0, 7e18);
        referrals.pay(device, 0, 0, 7e18, proof);
    }

    function test_a_reward_of_nothing_or_of_another_account_proves_nothing() public {
        _accept(device, ALICE, BOB);
        _reward(0, 0);
        _refuseProof(0, 0);
        (, bytes32[] memory bobs) = _post(1, 7e18, 9e18, 16e18);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.RewardNotProven.selector, 1, 1, ALICE, 9e18));
        referrals.pay(device, 1, 1, 9e18, bobs);
        _eq("nobody paid", dimo.balanceOf(address(referrals)), FUNDS);
    }

    function test_the_terms_are_those_of_the_acceptance() public {
        _accept(device, ALICE, BOB);
        I.Terms memory changed = I.Terms(10e18, 20e18, 1_000e18);
        vm.expectEmit();
        emit I.TermsSet(2, changed);
        _eq("version", referrals.setTerms(changed), 2);
        _eq("in force", referrals.termsVersion(), 2);
        address second = _enrolFor(OTHER_KEY, OWNER);
        _accept(second, OWNER, BOB);
        _reward(0, 7e18);
        referrals.pay(device, 0, 0, 7e18, proof);
        _eq("as agreed", dimo.balanceOf(ALICE), 50e18);
        _eq("as agreed", dimo.balanceOf(BOB), 50e18);
        vm.warp(pool.endOf(1));
        (proof, ) = _postPair(1, pool.leafOf(1, 0, OWNER, 3e18), keccak256("other"), 3e18);
        vm.warp(block.timestamp + 48 hours);
        referrals.pay(second, 1, 0, 3e18, proof);
        _eq("new referee", dimo.balanceOf(OWNER), 20e18);
        _eq("new referrer", dimo.balanceOf(BOB), 60e18);
    }

    function test_the_cap_holds_at_once_and_to_the_token() public {
        _accept(device, ALICE, BOB);
        _reward(0, 7e18);
        referrals.setTerms(I.Terms(50e18, 50e18, 100e18 - 1));
        vm.expectRevert(abi.encodeWithSelector(I.CapReached.selector, 100e18, 0, 100e18 - 1));
        referrals.pay(device, 0, 0, 7e18, proof);
        referrals.setTerms(I.Terms(50e18, 50e18, 100e18));
        referrals.pay(device, 0, 0, 7e18, proof);
        address second = _enrolFor(OTHER_KEY, OWNER);
        _accept(second, OWNER, BOB);
        vm.warp(pool.endOf(1));
        (proof, ) = _postPair(1, pool.leafOf(1, 0, OWNER, 3e18), keccak256("other"), 3e18);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(I.CapReached.selector, 100e18, 100e18, 100e18));
        referrals.pay(second, 1, 0, 3e18, proof);
    }

    function test_a_program_that_is_short_pays_once_it_is_filled() public {
        vm.prank(address(referrals));
        dimo.transfer(TREASURY, FUNDS - 100e18 + 1);
        _accept(device, ALICE, BOB);
        _reward(0, 7e18);
        vm.expectRevert(abi.encodeWithSelector(I.ProgramShort.selector, 100e18, 100e18 - 1));
        referrals.pay(device, 0, 0, 7e18, proof);
        _eq("still open", referrals.referralOf(device).paid, false);
        dimo.transfer(address(referrals), 1);
        referrals.pay(device, 0, 0, 7e18, proof);
        _eq("paid", dimo.balanceOf(ALICE), 50e18);
        _eq("empty", dimo.balanceOf(address(referrals)), 0);
    }

    function test_a_closed_program_settles_and_returns_the_rest() public {
        _accept(device, ALICE, BOB);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, 0));
        referrals.sweep();
        vm.expectEmit();
        emit I.ProgramClosed(START + 90 days);
        referrals.close();
        _eq("closed", referrals.closedAt(), START);
        vm.expectRevert(abi.encodeWithSelector(I.ProgramIsClosed.selector, START));
        referrals.close();
        address second = _enrolFor(OTHER_KEY, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.ProgramIsClosed.selector, START));
        referrals.accept(second, BOB);
        _reward(0, 7e18);
        referrals.pay(device, 0, 0, 7e18, proof);
        vm.warp(START + 90 days - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotSweepable.selector, START + 90 days));
        referrals.sweep();
        vm.warp(START + 90 days);
        vm.expectEmit();
        emit I.ProgramSwept(FUNDS - 100e18);
        vm.prank(STRANGER);
        referrals.sweep();
        _eq("returned", dimo.balanceOf(TREASURY), FUNDS - 100e18);
    }

    function test_terms_that_pay_one_side_nothing() public {
        I.Terms[2] memory bad = [I.Terms(0, 1, 1), I.Terms(1, 0, 1)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.TermsInvalid.selector, bad[i]));
            referrals.setTerms(bad[i]);
        }
        referrals.setTerms(I.Terms(type(uint96).max, type(uint96).max, 0));
        _eq("version", referrals.termsVersion(), 2);
    }

    /// Whatever the terms, both get exactly theirs or nobody gets anything.
    function testFuzz_both_or_nobody(uint96 referrerAmount, uint96 refereeAmount, uint96 paidMax) public {
        vm.assume(referrerAmount != 0 && refereeAmount != 0);
        referrals.setTerms(I.Terms(referrerAmount, refereeAmount, paidMax));
        _accept(device, ALICE, BOB);
        _reward(0, 7e18);
        uint256 sum = uint256(referrerAmount) + refereeAmount;
        if (sum > paidMax) vm.expectRevert(abi.encodeWithSelector(I.CapReached.selector, sum, 0, paidMax));
        else if (sum > FUNDS) vm.expectRevert(abi.encodeWithSelector(I.ProgramShort.selector, sum, FUNDS));
        referrals.pay(device, 0, 0, 7e18, proof);
        bool paid = sum <= paidMax && sum <= FUNDS;
        _eq("referrer", dimo.balanceOf(BOB), paid ? referrerAmount : 0);
        _eq("referee", dimo.balanceOf(ALICE), paid ? refereeAmount : 0);
        _eq("in all", referrals.paidTotal(), paid ? sum : 0);
        _eq("left", dimo.balanceOf(address(referrals)), paid ? FUNDS - sum : FUNDS);
    }

    function test_restricted_calls_by_a_stranger() public {
        _refuseStranger(address(referrals), abi.encodeCall(I.setTerms, (I.Terms(1, 1, 1))));
        _refuseStranger(address(referrals), abi.encodeCall(I.close, ()));
        _refuseStranger(address(referrals), abi.encodeCall(referrals.upgradeToAndCall, (address(token), "")));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        referrals.initialize(STRANGER, STRANGER, STRANGER, STRANGER, STRANGER);
    }

    function _accept(address referred, address referee, address referrer) private {
        vm.prank(referee);
        referrals.accept(referred, referrer);
    }

    /// @dev Alice is rewarded for a week, and its challenge passes.
    function _reward(uint256 epoch, uint256 amount) private {
        (proof, ) = _post(epoch, amount, 1, amount + 1);
        vm.warp(block.timestamp + 48 hours);
    }

    function _refuseProof(uint256 epoch, uint256 amount) private {
        vm.expectRevert(abi.encodeWithSelector(I.RewardNotProven.selector, epoch, 0, ALICE, amount));
        referrals.pay(device, epoch, 0, amount, proof);
    }
}
