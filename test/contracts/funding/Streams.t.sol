// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Streams: what has accrued is the recipient's whatever is voted, and everything else is the treasury's.

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IProgramFunds} from "../../../contracts/funding/IProgramFunds.sol";
import {IStreams as I} from "../../../contracts/funding/IStreams.sol";
import {Streams} from "../../../contracts/funding/Streams.sol";
import {FundingBase} from "../support/FundingBase.t.sol";

contract StreamsTest is FundingBase {
    uint40 private constant CLIFF = START + 30;
    uint40 private constant END = START + 300;

    function setUp() public override {
        super.setUp();
        token.mint(address(streams), 5_000);
    }

    function test_it_is_set_up_once() public {
        assertEq(streams.token(), address(token), "token");
        assertEq(streams.treasury(), treasury, "treasury");
        assertEq(streams.authority(), address(manager), "authority");
        assertEq(streams.reserved(), 0, "reserved");
        assertEq(streams.available(), 5_000, "available");
        assertEq(streams.streamCount(), 0, "count");
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        streams.initialize(stranger, stranger, stranger);
        Streams implementation = new Streams();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(stranger, stranger, stranger);
    }

    function test_strangers_decide_nothing() public {
        _create(1_000);
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(I.create, (stranger, 1, START, START, END, ""));
        calls[1] = abi.encodeCall(I.change, (1, 1, END));
        calls[2] = abi.encodeCall(I.cancel, (1));
        calls[3] = abi.encodeCall(IProgramFunds.sweepSurplus, ());
        calls[4] = abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (address(new Streams()), ""));
        assertRestricted(address(streams), calls);
    }

    function test_an_upgrade_keeps_everything() public {
        _create(1_000);
        streams.upgradeToAndCall(address(new Streams()), "");
        assertEq(streams.streamOf(1).total, 1_000, "stream");
        assertEq(streams.reserved(), 1_000, "reserved");
        assertEq(streams.token(), address(token), "token");
    }

    function test_a_created_stream_is_what_was_voted() public {
        vm.expectEmit();
        emit I.StreamCreated(1, alice, 1_000, START, CLIFF, END, "maintenance");
        assertEq(streams.create(alice, 1_000, START, CLIFF, END, "maintenance"), 1, "id");
        I.Stream memory stream = streams.streamOf(1);
        assertEq(stream.recipient, alice, "recipient");
        assertEq(stream.withdrawn, 0, "withdrawn");
        assertEq(stream.total, 1_000, "total");
        assertEq(stream.start, START, "start");
        assertEq(stream.cliff, CLIFF, "cliff");
        assertEq(stream.end, END, "end");
        assertTrue(stream.state == I.State.Live, "state");
        assertTrue(!stream.isSettled, "nothing settled");
        assertEq(stream.settled, 0, "settled");
        assertEq(streams.reserved(), 1_000, "reserved");
        assertEq(streams.available(), 4_000, "available");
        assertEq(streams.create(bob, 1, START, START, END, ""), 2, "next id");
        assertEq(streams.streamCount(), 2, "count");
        assertTrue(streams.streamOf(3).state == I.State.None, "there is no third");
    }

    function test_a_stream_needs_a_recipient_an_amount_and_ascending_times() public {
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        streams.create(address(0), 1, START, CLIFF, END, "");
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(streams)));
        streams.create(address(streams), 1, START, CLIFF, END, "");
        vm.expectRevert(abi.encodeWithSelector(I.TotalInvalid.selector, 0));
        streams.create(alice, 0, START, CLIFF, END, "");
        vm.expectRevert(abi.encodeWithSelector(I.TimesInvalid.selector, START, START - 1, END));
        streams.create(alice, 1, START, START - 1, END, "");
        vm.expectRevert(abi.encodeWithSelector(I.TimesInvalid.selector, START, END + 1, END));
        streams.create(alice, 1, START, END + 1, END, "");
        vm.expectRevert(abi.encodeWithSelector(I.TimesInvalid.selector, START, START, START));
        streams.create(alice, 1, START, START, START, "");
        streams.create(alice, 1, START, START, END, "cliff at the start");
        streams.create(alice, 1, START, END, END, "cliff at the end");
        assertEq(streams.streamCount(), 2, "count");
    }

    function test_money_is_promised_once() public {
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 5_001, 5_000));
        _create(5_001);
        _create(5_000);
        assertEq(streams.available(), 0, "available");
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 1, 0));
        _create(1);
        token.mint(address(streams), 1);
        _create(1);
    }

    function test_nothing_is_paid_before_the_cliff_and_at_it_everything_since_the_start() public {
        _create(1_000);
        vm.warp(CLIFF - 1);
        assertEq(streams.withdrawableOf(1), 0, "a second before");
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.AmountInvalid.selector, 1, 0, 0));
        streams.withdrawAll(1, alice);
        vm.expectRevert(abi.encodeWithSelector(I.AmountInvalid.selector, 1, 1, 0));
        streams.withdraw(1, alice, 1);
        vm.warp(CLIFF);
        assertEq(streams.withdrawAll(1, alice), 100, "at the cliff");
        assertEq(token.balanceOf(alice), 100, "paid");
    }

    function test_a_part_is_withdrawn_and_the_rest_stays() public {
        _create(1_000);
        vm.warp(START + 150);
        vm.startPrank(alice);
        vm.expectEmit();
        emit I.StreamWithdrawn(1, bob, 120);
        streams.withdraw(1, bob, 120);
        assertEq(token.balanceOf(bob), 120, "whom the recipient names");
        assertEq(streams.streamOf(1).withdrawn, 120, "withdrawn");
        assertEq(streams.withdrawableOf(1), 380, "withdrawable");
        assertEq(streams.accruedOf(1, block.timestamp), 500, "accrued");
        assertEq(streams.accruedOf(1, START + 60), 200, "accrued then");
        assertEq(streams.accruedOf(1, END), 1_000, "to accrue");
        assertEq(streams.reserved(), 880, "reserved");
        assertEq(streams.available(), 4_000, "available");
        vm.expectRevert(abi.encodeWithSelector(I.AmountInvalid.selector, 1, 381, 380));
        streams.withdraw(1, alice, 381);
        vm.expectRevert(abi.encodeWithSelector(I.AmountInvalid.selector, 1, 0, 380));
        streams.withdraw(1, alice, 0);
        streams.withdraw(1, alice, 380);
        vm.warp(END + 1_000);
        vm.expectEmit();
        emit I.StreamWithdrawn(1, alice, 500);
        streams.withdrawAll(1, alice);
        assertEq(token.balanceOf(alice), 880, "paid in all");
        assertEq(streams.reserved(), 0, "nothing is owed");
    }

    function test_only_the_recipient_withdraws_and_to_somebody() public {
        _create(1_000);
        vm.warp(END);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, address(this), alice));
        streams.withdraw(1, alice, 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, address(this), alice));
        streams.withdrawAll(1, alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 2, address(this), address(0)));
        streams.withdrawAll(2, alice);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        streams.withdraw(1, address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(streams)));
        streams.withdrawAll(1, address(streams));
    }

    function test_a_moved_stream_is_the_new_address_s() public {
        _create(1_000);
        vm.warp(START + 150);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, address(this), alice));
        streams.move(1, bob);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(0)));
        streams.move(1, address(0));
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.AccountInvalid.selector, address(streams)));
        streams.move(1, address(streams));
        vm.expectEmit();
        emit I.StreamMoved(1, alice, bob);
        streams.move(1, bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotRecipient.selector, 1, alice, bob));
        streams.withdrawAll(1, alice);
        vm.stopPrank();
        vm.prank(bob);
        assertEq(streams.withdrawAll(1, bob), 500, "what had accrued goes along");
    }

    function test_a_cancelled_stream_leaves_the_accrued_part_to_its_recipient() public {
        _create(1_000);
        vm.warp(START + 100);
        vm.prank(alice);
        streams.withdraw(1, alice, 50);
        vm.expectEmit();
        emit I.StreamCancelled(1, 333, 667);
        assertEq(streams.cancel(1), 667, "freed");
        assertEq(token.balanceOf(treasury), 667, "returned at once");
        I.Stream memory stream = streams.streamOf(1);
        assertTrue(stream.state == I.State.Cancelled, "state");
        assertEq(stream.total, 333, "total");
        assertEq(stream.start, START + 100, "start");
        assertEq(stream.cliff, START + 100, "cliff");
        assertEq(stream.end, START + 100, "end");
        assertEq(stream.settled, 333, "settled");
        assertTrue(stream.isSettled, "is settled");
        assertEq(streams.reserved(), 283, "the recipient's stays reserved");
        assertEq(streams.withdrawableOf(1), 283, "and withdrawable in the same second");
        vm.warp(END);
        assertEq(streams.accruedOf(1, END), 333, "accrues no more");
        assertEq(streams.accruedOf(1, START), 333, "and what had accrued before is settled");
        vm.startPrank(alice);
        streams.move(1, bob);
        vm.startPrank(bob);
        assertEq(streams.withdrawAll(1, bob), 283, "withdrawn afterwards");
        assertEq(streams.reserved(), 0, "nothing is owed");
        assertEq(streams.available(), 4_000, "available");
    }

    function test_before_its_cliff_a_cancelled_stream_returns_whole() public {
        _create(1_000);
        vm.warp(CLIFF - 1);
        assertEq(streams.cancel(1), 1_000, "freed");
        assertEq(token.balanceOf(treasury), 1_000, "returned");
        vm.warp(END);
        assertEq(streams.withdrawableOf(1), 0, "nothing is left");
        assertTrue(!streams.streamOf(1).isSettled, "nothing is settled");
        streams.create(alice, 1_000, END + 10, END + 10, END + 20, "in the future");
        assertEq(streams.cancel(2), 1_000, "before its start too");
    }

    function test_after_its_end_a_cancel_takes_nothing() public {
        _create(1_000);
        vm.warp(END);
        assertEq(streams.cancel(1), 0, "freed");
        assertEq(token.balanceOf(treasury), 0, "returned");
        assertEq(streams.withdrawableOf(1), 1_000, "withdrawable");
    }

    function test_only_a_live_stream_is_changed_or_cancelled() public {
        vm.expectRevert(abi.encodeWithSelector(I.StreamStateInvalid.selector, 1, I.State.None));
        streams.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(I.StreamStateInvalid.selector, 1, I.State.None));
        streams.change(1, 1, END);
        _create(1_000);
        streams.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(I.StreamStateInvalid.selector, 1, I.State.Cancelled));
        streams.cancel(1);
        vm.expectRevert(abi.encodeWithSelector(I.StreamStateInvalid.selector, 1, I.State.Cancelled));
        streams.change(1, 1, END);
    }

    function test_a_raised_stream_keeps_what_accrued_and_pays_more_from_now_on() public {
        _create(1_000);
        vm.warp(START + 150);
        vm.expectEmit();
        emit I.StreamChanged(1, 500, 2_500, START + 350, 0);
        streams.change(1, 2_500, START + 350);
        I.Stream memory stream = streams.streamOf(1);
        assertEq(stream.settled, 500, "settled");
        assertTrue(stream.isSettled, "is settled");
        assertEq(stream.total, 2_500, "total");
        assertEq(stream.start, START + 150, "start");
        assertEq(stream.cliff, START + 150, "cliff");
        assertEq(stream.end, START + 350, "end");
        assertTrue(stream.state == I.State.Live, "state");
        assertEq(streams.reserved(), 2_500, "reserved");
        assertEq(token.balanceOf(treasury), 0, "nothing freed");
        assertEq(streams.withdrawableOf(1), 500, "now");
        vm.warp(START + 151);
        assertEq(streams.withdrawableOf(1), 510, "a second later");
        vm.warp(START + 349);
        assertEq(streams.withdrawableOf(1), 2_490, "a second before the end");
        vm.warp(START + 350);
        assertEq(streams.withdrawableOf(1), 2_500, "at the end");
    }

    function test_a_raise_needs_money() public {
        _create(1_000);
        vm.expectRevert(abi.encodeWithSelector(IProgramFunds.FundsShort.selector, 4_001, 4_000));
        streams.change(1, 5_001, END);
        streams.change(1, 5_000, END);
        assertEq(streams.available(), 0, "available");
    }

    function test_a_lowered_stream_frees_the_difference() public {
        _create(1_000);
        vm.warp(START + 60);
        vm.expectEmit();
        emit I.StreamChanged(1, 200, 700, END, 300);
        streams.change(1, 700, END);
        assertEq(token.balanceOf(treasury), 300, "returned at once");
        assertEq(streams.reserved(), 700, "reserved");
        assertEq(streams.available(), 4_000, "available");
        assertEq(streams.accruedOf(1, START + 180), 450, "the rest, evenly");
        vm.warp(END);
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, alice), 700, "in all");
    }

    function test_a_total_below_what_accrued_becomes_what_accrued() public {
        _create(1_000);
        vm.warp(START + 150);
        vm.prank(alice);
        streams.withdraw(1, alice, 450);
        vm.expectEmit();
        emit I.StreamChanged(1, 500, 500, END, 500);
        streams.change(1, 400, END);
        assertEq(streams.withdrawableOf(1), 50, "now");
        vm.warp(END);
        assertEq(streams.withdrawableOf(1), 50, "and later");
        assertEq(streams.reserved(), 50, "reserved");
    }

    function test_a_change_of_the_end_alone_moves_no_money() public {
        _create(1_000);
        vm.warp(START + 150);
        streams.change(1, 1_000, END + 350);
        assertEq(streams.reserved(), 1_000, "reserved");
        assertEq(token.balanceOf(treasury), 0, "returned");
        assertEq(streams.accruedOf(1, START + 400), 750, "half of the rest in half the time");
    }

    function test_before_its_cliff_a_stream_changes_from_its_start_and_keeps_its_cliff() public {
        _create(1_000);
        vm.warp(CLIFF - 1);
        streams.change(1, 2_000, START + 200);
        assertEq(streams.streamOf(1).start, START, "start");
        assertEq(streams.streamOf(1).cliff, CLIFF, "cliff");
        assertTrue(!streams.streamOf(1).isSettled, "nothing is settled");
        assertEq(streams.withdrawableOf(1), 0, "before it");
        vm.warp(CLIFF);
        assertEq(streams.withdrawableOf(1), 300, "at it");
        streams.create(alice, 10, START, END, END, "");
        vm.expectRevert(abi.encodeWithSelector(I.TimesInvalid.selector, START, END, END - 1));
        streams.change(2, 10, END - 1);
    }

    function test_an_end_lies_in_the_future() public {
        _create(1_000);
        vm.warp(START + 150);
        vm.expectRevert(abi.encodeWithSelector(I.TimesInvalid.selector, START + 150, START + 150, START + 150));
        streams.change(1, 1_000, START + 150);
        streams.change(1, 1_000, START + 151);
    }

    function test_a_stream_is_prolonged_after_its_end() public {
        _create(1_000);
        vm.warp(END + 50);
        streams.change(1, 1_500, END + 100);
        assertEq(streams.withdrawableOf(1), 1_000, "what had accrued");
        vm.warp(END + 75);
        assertEq(streams.withdrawableOf(1), 1_250, "and more");
        assertEq(streams.cancel(1), 250, "freed");
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, alice), 1_250, "its recipient's");
    }

    function test_a_stream_of_the_past_has_accrued_at_once() public {
        streams.create(alice, 1_000, START - 200, START - 100, START, "back pay");
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, alice), 1_000, "all of it");
    }

    function test_surplus_goes_to_the_treasury_and_nothing_else_does() public {
        _create(1_000);
        vm.expectEmit();
        emit IProgramFunds.SurplusSwept(4_000);
        assertEq(streams.sweepSurplus(), 4_000, "swept");
        assertEq(token.balanceOf(treasury), 4_000, "returned");
        assertEq(token.balanceOf(address(streams)), 1_000, "kept");
        assertEq(streams.reserved(), 1_000, "reserved");
        assertEq(streams.sweepSurplus(), 0, "nothing more");
        vm.warp(END);
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, alice), 1_000, "the recipient's is there");
    }

    function test_the_largest_amount_fits() public {
        uint96 most = type(uint96).max;
        token.mint(address(streams), most);
        streams.create(alice, most, START, START, END, "");
        assertEq(streams.reserved(), most, "reserved");
        vm.warp(END);
        vm.prank(alice);
        assertEq(streams.withdrawAll(1, bob), most, "paid");
        assertEq(token.balanceOf(bob), most, "all");
        assertEq(streams.available(), 5_000, "and no other's");
    }

    function testFuzz_many_withdrawals_sum_to_what_one_would_get(uint96 total, uint40[8] memory waits) public {
        total = uint96(bound(total, 1, 1e27));
        token.mint(address(streams), total);
        streams.create(alice, total, START, CLIFF, END, "");
        streams.create(bob, 1, START, START, END, "another's");
        uint256 paid = 0;
        uint256 time = START;
        for (uint256 i = 0; i < waits.length; ++i) {
            time += bound(waits[i], 0, 60);
            vm.warp(time);
            uint96 due = streams.withdrawableOf(1);
            if (due == 0) continue;
            vm.prank(alice);
            if (i % 2 == 0) {
                paid += streams.withdrawAll(1, alice);
            } else {
                streams.withdraw(1, alice, due / 2 + 1);
                paid += due / 2 + 1;
            }
            assertTrue(paid <= streams.accruedOf(1, time), "never more than accrued");
        }
        assertEq(paid + streams.withdrawableOf(1), streams.accruedOf(1, time), "together what has accrued");
        vm.warp(END);
        if (streams.withdrawableOf(1) > 0) {
            vm.prank(alice);
            paid += streams.withdrawAll(1, alice);
        }
        assertEq(paid, total, "and at the end the total");
        assertEq(token.balanceOf(alice), total, "paid");
        assertEq(streams.reserved(), 1, "the other stream is untouched");
    }

    function _create(uint96 total) private {
        streams.create(alice, total, START, CLIFF, END, "work");
    }
}
