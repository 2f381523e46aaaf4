// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Attacks on streams, grants and committees: first on a naive contract, where they succeed, then on ours.

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Grants} from "../../../contracts/funding/Grants.sol";
import {IGrants} from "../../../contracts/funding/IGrants.sol";
import {IProgramFunds} from "../../../contracts/funding/IProgramFunds.sol";
import {IStreams} from "../../../contracts/funding/IStreams.sol";
import {Streams} from "../../../contracts/funding/Streams.sol";
import {Base} from "../support/Base.t.sol";
import {CallbackToken, FundingBase} from "../support/FundingBase.t.sol";

/// @dev What one writes first: a rate, the time of the last payment, and money sent before it is noted.
contract NaiveStream {
    IERC20 private immutable token;
    address private immutable recipient;
    address private immutable funder;
    uint256 public immutable rate;
    uint256 public immutable end;
    uint256 public paidUntil;

    constructor(IERC20 token_, address recipient_, address funder_, uint256 total, uint256 duration) {
        token = token_;
        recipient = recipient_;
        funder = funder_;
        rate = total / duration;
        paidUntil = block.timestamp;
        end = block.timestamp + duration;
    }

    function withdraw() external {
        uint256 until = block.timestamp < end ? block.timestamp : end;
        uint256 due = (until - paidUntil) * rate;
        token.transfer(recipient, due);
        paidUntil = until;
    }

    /// @dev Takes what is there, what the recipient has earned too.
    function cancel() external {
        token.transfer(funder, token.balanceOf(address(this)));
    }

    /// @dev A new rate for everything that is not paid yet, the past too.
    function dueAt(uint256 newRate) external view returns (uint256) {
        return (block.timestamp - paidUntil) * newRate;
    }
}

/// @dev Pays on every call the part of the total that this call's seconds make.
contract NaiveSteps {
    uint256 public paid;
    uint256 private paidUntil;
    uint256 private immutable total;
    uint256 private immutable duration;

    constructor(uint256 total_, uint256 duration_) {
        (total, duration, paidUntil) = (total_, duration_, block.timestamp);
    }

    function withdraw() external {
        // Rounded down, and the second of the payment is counted for it and for the next one.
        paid += (total * (block.timestamp - paidUntil + 1)) / duration;
        paidUntil = block.timestamp;
    }
}

/// @dev The recipient of a cancellation is told, and may refuse.
contract NaivePushCancel {
    IERC20 private immutable token;
    address private immutable recipient;

    constructor(IERC20 token_, address recipient_) {
        (token, recipient) = (token_, recipient_);
    }

    function cancel(uint256 accrued) external {
        token.transfer(recipient, accrued);
    }
}

/// @dev A budget per calendar period.
contract NaiveBudget {
    uint256 private immutable budget;
    uint256 private immutable period;
    mapping(uint256 number => uint256) private spentIn;
    uint256 public spent;

    constructor(uint256 budget_, uint256 period_) {
        (budget, period) = (budget_, period_);
    }

    function spend(uint256 amount) external {
        // A limit for each payment and none for their sum is the other mistake.
        uint256 number = block.timestamp / period;
        require(spentIn[number] + amount <= budget, "budget");
        spentIn[number] += amount;
        spent += amount;
    }
}

contract NaivePerPayment {
    uint256 private immutable limit;
    uint256 public spent;

    constructor(uint256 limit_) {
        limit = limit_;
    }

    function spend(uint256 amount) external {
        require(amount <= limit, "limit");
        spent += amount;
    }
}

/// @dev A recipient that uses the token's callback to call again.
contract Reenterer {
    address private target;
    bytes private data;
    uint256 public successes;
    bytes public refusal;

    function attack(address target_, bytes calldata first, bytes calldata again) external {
        (target, data) = (target_, again);
        (bool done, ) = target_.call(first);
        require(done, "first");
    }

    function tokensReceived() external {
        if (data.length == 0) return;
        (address to, bytes memory call) = (target, data);
        delete data;
        (bool done, bytes memory reason) = to.call(call);
        if (done) ++successes;
        else refusal = reason;
    }
}

/// @dev Wants no tokens.
contract Refuser {
    error Unwanted();

    function tokensReceived() external pure {
        revert Unwanted();
    }

    function call(address target, bytes calldata data) external returns (bool done) {
        (done, ) = target.call(data);
    }
}

contract FundingAttacks is FundingBase {
    uint40 private constant END = START + 300;
    uint64 private constant TEAM = 1;
    uint96 private constant BUDGET = 1_000;
    uint40 private constant PERIOD = 30 days;
    address private immutable member = account("member");

    function test_attack_stream_dust_is_lost_by_a_rate() public {
        NaiveStream naive = new NaiveStream(token, alice, treasury, 1_000, 300);
        token.mint(address(naive), 1_000);
        vm.warp(END);
        naive.withdraw();
        assertEq(token.balanceOf(alice), 900, "a tenth is lost for ever");

        vm.warp(START);
        _stream(1_000);
        vm.warp(END);
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, bob), 1_000, "to the last unit");
    }

    function test_attack_stream_withdrawn_in_many_small_steps() public {
        NaiveSteps naive = new NaiveSteps(1_000, 300);
        _stream(1_000);
        token.mint(address(streams), 1_000);
        streams.create(bob, 1_000, START, START, END, "the same at once");
        for (uint40 time = START + 1; time <= END; ++time) {
            vm.warp(time);
            naive.withdraw();
            uint96 due = streams.withdrawableOf(1);
            if (due == 0) continue;
            vm.startPrank(alice);
            // In two steps within the same second, and never a third.
            if (due > 1) streams.withdraw(1, alice, due / 2);
            streams.withdrawAll(1, alice);
            vm.expectRevert(abi.encodeWithSelector(IStreams.AmountInvalid.selector, 1, 0, 0));
            streams.withdrawAll(1, alice);
            vm.stopPrank();
        }
        assertTrue(naive.paid() != 1_000, "not what was agreed");
        assertEq(naive.paid(), 1_800, "every second's payment counts its second twice");
        vm.prank(bob);
        streams.withdrawAll(2, bob);
        assertEq(token.balanceOf(alice), 1_000, "in 300 times two steps");
        assertEq(token.balanceOf(bob), 1_000, "at once");
    }

    function test_attack_stream_cancel_races_withdraw() public {
        NaiveStream naive = new NaiveStream(token, alice, treasury, 3_000, 300);
        token.mint(address(naive), 3_000);
        vm.warp(START + 100);
        naive.cancel();
        assertEq(token.balanceOf(treasury), 3_000, "a cancel before the withdrawal takes what was earned");

        vm.warp(START);
        _stream(1_000);
        _stream(1_000);
        vm.warp(START + 100);
        vm.prank(alice);
        uint96 first = streams.withdrawAll(1, alice);
        uint96 freedAfter = streams.cancel(1);
        uint96 freedBefore = streams.cancel(2);
        vm.prank(alice);
        uint96 last = streams.withdrawAll(2, alice);
        assertEq(first, 333, "withdrawn before the cancel");
        assertEq(last, 333, "or after it");
        assertEq(freedAfter, 667, "freed after the withdrawal");
        assertEq(freedBefore, 667, "or before it");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStreams.AmountInvalid.selector, 1, 0, 0));
        streams.withdrawAll(1, alice);
        assertEq(streams.reserved(), 0, "nothing is left over");
    }

    function test_attack_stream_change_is_front_run() public {
        // Raised from 10 to 20 a second: who waits with the withdrawal gets the new rate for the past too.
        NaiveStream naive = new NaiveStream(token, alice, treasury, 3_000, 300);
        vm.warp(START + 100);
        assertEq(naive.dueAt(20), 2_000, "twice what was earned");

        vm.warp(START);
        _stream(3_000);
        _stream(3_000);
        token.mint(address(streams), 4_000);
        vm.warp(START + 100);
        vm.prank(alice);
        streams.withdrawAll(1, alice);
        streams.change(1, 5_000, END);
        streams.change(2, 5_000, END);
        assertEq(streams.accruedOf(1, block.timestamp), 1_000, "who withdrew before");
        assertEq(streams.accruedOf(2, block.timestamp), 1_000, "and who did not");
        // And lowered: what is left to withdraw is the same either way, though the vote asked for less than accrued.
        streams.change(1, 0, END);
        streams.change(2, 0, END);
        vm.prank(alice);
        assertEq(streams.withdrawAll(2, alice), 1_000, "earned is earned");
        assertEq(token.balanceOf(alice), 2_000, "no more and no less");
        assertEq(streams.reserved(), 0, "nothing is left over");
    }

    function test_attack_recipient_blocks_a_vote() public {
        CallbackToken coin = new CallbackToken();
        Refuser refuser = new Refuser();
        NaivePushCancel naive = new NaivePushCancel(coin, address(refuser));
        coin.mint(address(naive), 1_000);
        vm.expectRevert(Refuser.Unwanted.selector);
        naive.cancel(500);

        Streams ours = newStreams(address(coin));
        coin.mint(address(ours), 1_000);
        ours.create(address(refuser), 1_000, START, START, END, "");
        vm.warp(START + 150);
        assertEq(ours.cancel(1), 500, "cancelled without asking");
        assertEq(coin.balanceOf(treasury), 500, "returned");

        Grants program = newGrants(address(coin));
        coin.mint(address(program), 1_000);
        _grant(program, address(refuser), 2, 500, 0);
        program.release(1, 0, "");
        assertEq(program.clawBack(1), 500, "clawed back without asking");
        assertTrue(
            !refuser.call(address(program), abi.encodeCall(IGrants.withdraw, (1, address(refuser)))),
            "it only blocks itself"
        );
    }

    function test_attack_reentrant_withdrawal() public {
        CallbackToken coin = new CallbackToken();
        Reenterer thief = new Reenterer();
        NaiveStream naive = new NaiveStream(coin, address(thief), treasury, 3_000, 300);
        coin.mint(address(naive), 3_000);
        vm.warp(START + 100);
        bytes memory again = abi.encodeCall(NaiveStream.withdraw, ());
        thief.attack(address(naive), again, again);
        assertEq(coin.balanceOf(address(thief)), 2_000, "paid twice");

        vm.warp(START);
        thief = new Reenterer();
        Streams ours = newStreams(address(coin));
        coin.mint(address(ours), 6_000);
        ours.create(address(thief), 3_000, START, START, END, "");
        ours.create(alice, 3_000, START, START, END, "");
        vm.warp(START + 100);
        again = abi.encodeCall(IStreams.withdrawAll, (1, address(thief)));
        thief.attack(address(ours), again, again);
        assertEq(coin.balanceOf(address(thief)), 1_000, "paid once");
        assertEq(
            keccak256(thief.refusal()),
            keccak256(abi.encodeWithSelector(IStreams.AmountInvalid.selector, 1, 0, 0)),
            "there was nothing left when it called again"
        );

        thief = new Reenterer();
        Grants program = newGrants(address(coin));
        coin.mint(address(program), 1_000);
        _grant(program, address(thief), 2, 500, 0);
        program.release(1, 0, "");
        again = abi.encodeCall(IGrants.withdraw, (1, address(thief)));
        thief.attack(address(program), again, again);
        assertEq(coin.balanceOf(address(thief)), 500, "one tranche");
        assertEq(
            keccak256(thief.refusal()),
            keccak256(abi.encodeWithSelector(IGrants.NothingToWithdraw.selector, 1)),
            "once"
        );
        assertEq(thief.successes(), 0, "never");
    }

    function test_attack_committee_splits_its_payments() public {
        NaivePerPayment naive = new NaivePerPayment(BUDGET);
        for (uint256 i = 0; i < 10; ++i) naive.spend(BUDGET);
        assertEq(naive.spent(), 10 * uint256(BUDGET), "ten times the limit in a second");

        token.mint(address(grants), 30_000);
        grants.setCommittee(TEAM, member, BUDGET, PERIOD);
        _grant(grants, alice, 20, 400, TEAM);
        _grant(grants, bob, 20, 100, TEAM);
        vm.startPrank(member);
        grants.releaseByCommittee(1, 0, "");
        grants.releaseByCommittee(1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IGrants.BudgetShort.selector, TEAM, 400, 200));
        grants.releaseByCommittee(1, 2, "");
        grants.releaseByCommittee(2, 0, "another grant, the same budget");
        grants.releaseByCommittee(2, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IGrants.BudgetShort.selector, TEAM, 100, 0));
        grants.releaseByCommittee(2, 2, "");
    }

    function test_attack_committee_spends_around_the_edge_of_a_period() public {
        token.mint(address(grants), 30_000);
        grants.setCommittee(TEAM, member, BUDGET, PERIOD);
        _grant(grants, alice, 32, 500, TEAM);
        NaiveBudget naive = new NaiveBudget(BUDGET, PERIOD);
        uint256 edge = (uint256(START) / PERIOD + 1) * PERIOD;
        vm.warp(edge - 1);
        naive.spend(BUDGET);
        vm.warp(edge);
        naive.spend(BUDGET);
        assertEq(naive.spent(), 2 * uint256(BUDGET), "twice the budget in two seconds");

        vm.warp(edge - 1);
        vm.startPrank(member);
        grants.releaseByCommittee(1, 0, "");
        grants.releaseByCommittee(1, 1, "");
        // No second is an edge: a period begins with every payment.
        vm.warp(edge);
        vm.expectRevert(abi.encodeWithSelector(IGrants.BudgetShort.selector, TEAM, 500, 0));
        grants.releaseByCommittee(1, 2, "");
        vm.warp(edge - 1 + PERIOD / 2 - 1);
        vm.expectRevert(abi.encodeWithSelector(IGrants.BudgetShort.selector, TEAM, 500, 499));
        grants.releaseByCommittee(1, 2, "");
        vm.warp(edge - 1 + PERIOD / 2);
        grants.releaseByCommittee(1, 2, "");
        vm.warp(edge - 1 + PERIOD);
        grants.releaseByCommittee(1, 3, "");
        vm.expectRevert(abi.encodeWithSelector(IGrants.BudgetShort.selector, TEAM, 500, 0));
        grants.releaseByCommittee(1, 4, "");
        assertEq(grants.grantOf(1).withdrawable, 2 * uint256(BUDGET), "twice the budget, but in a whole period");
    }

    function test_attack_sweep_takes_what_is_promised() public {
        // A sweep of the balance, as the naive cancel does it, would take everybody's.
        NaiveStream naive = new NaiveStream(token, alice, treasury, 3_000, 300);
        token.mint(address(naive), 3_000);
        naive.cancel();
        assertEq(token.balanceOf(address(naive)), 0, "nothing is left for its recipient");

        _stream(1_000);
        token.mint(address(streams), 1);
        assertEq(streams.sweepSurplus(), 1, "only the donation");
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 1, 0));
        streams.create(bob, 1, START, START, END, "with another's money");
    }

    function _stream(uint96 total) private {
        token.mint(address(streams), total);
        streams.create(alice, total, START, START, END, "");
    }

    function _grant(Grants program, address recipient, uint256 count, uint96 amount, uint64 committeeId) private {
        uint96[] memory tranches = new uint96[](count);
        for (uint256 i = 0; i < count; ++i) tranches[i] = amount;
        program.create(recipient, tranches, new string[](count), committeeId, START + 365 days, "");
    }
}
