// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Locks: tokens stay until their time and come back whole, count only while locked and owned, and never vote.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {IRewardLevels} from "../../../contracts/rewards/IRewardLevels.sol";
import {IVehicleLocks as I} from "../../../contracts/rewards/IVehicleLocks.sol";
import {VehicleLocks} from "../../../contracts/rewards/VehicleLocks.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

contract VehicleLocksTest is RewardsBase {
    uint256 private constant OTHER_KEY = 0xD02;
    address private other;

    function setUp() public override {
        super.setUp();
        _enrolFor(DEVICE_KEY, OWNER);
        other = _enrolFor(OTHER_KEY, OWNER);
        dimo.transfer(OWNER, 10_000e18);
        vm.prank(OWNER);
        dimo.approve(address(locks), type(uint256).max);
    }

    function test_set_up_as_told() public view {
        _eq("authority", locks.authority(), address(manager));
        _eq("token", locks.token(), address(dimo));
        _eq("levels", locks.rewardLevels(), address(levels));
        _eq("miners", locks.minerRegistry(), address(miners));
        _eq("votes", dimo.delegates(address(locks)), EXCLUDED_VOTES);
    }

    function test_a_lock_takes_its_level_s_tokens_for_its_level_s_time() public {
        uint96[3] memory amounts = [uint96(500e18), 1_500e18, 4_000e18];
        uint40[3] memory durations = [uint40(182 days), 365 days, 730 days];
        for (uint8 level = 1; level <= 3; ++level) {
            address locked = _enrolFor(0xE000 + level, OWNER);
            uint256 balance = dimo.balanceOf(OWNER);
            uint256 total = locks.totalLocked();
            uint40 endsAt = uint40(START + durations[level - 1]);
            vm.expectEmit();
            emit I.Locked(locked, OWNER, level, amounts[level - 1], endsAt);
            _lock(locked, level);
            _eq("paid", balance - dimo.balanceOf(OWNER), amounts[level - 1]);
            _eq("total", locks.totalLocked() - total, amounts[level - 1]);
            _eqLock(locked, I.Lock(amounts[level - 1], endsAt, level));
        }
        _eq("held", dimo.balanceOf(address(locks)), 6_000e18);
    }

    function test_a_lock_is_for_the_owner_of_an_active_device_once() public {
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER));
        locks.lock(device, 1);
        _lock(device, 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyLocked.selector, device, OWNER, 1));
        locks.lock(device, 2);
        vm.prank(OWNER);
        miners.retire(other, "scrapped");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, other, OWNER));
        locks.lock(other, 1);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, address(1), STRANGER));
        locks.lock(address(1), 1);
    }

    function test_a_level_that_does_not_exist() public {
        uint8[2] memory none = [0, 4];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(OWNER);
            vm.expectRevert(abi.encodeWithSelector(IRewardLevels.LockLevelInvalid.selector, none[i]));
            locks.lock(device, none[i]);
        }
    }

    function test_tokens_come_back_whole_at_the_end_and_not_a_second_before() public {
        _lock(device, 1);
        uint256 endsAt = START + 182 days;
        vm.warp(endsAt - 1);
        vm.expectRevert(abi.encodeWithSelector(I.LockNotEnded.selector, device, OWNER, endsAt));
        locks.withdraw(device, OWNER);
        vm.warp(endsAt);
        vm.expectEmit();
        emit I.LockWithdrawn(device, OWNER, 500e18);
        vm.prank(STRANGER);
        locks.withdraw(device, OWNER);
        _eq("whole", dimo.balanceOf(OWNER), 10_000e18);
        _eq("total", locks.totalLocked(), 0);
        _eqLock(device, I.Lock(0, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(I.NotLocked.selector, device, OWNER));
        locks.withdraw(device, OWNER);
        _lock(device, 2);
        _eq("locked anew", locks.lockOf(device, OWNER).level, 2);
    }

    function test_a_raise_costs_the_difference_and_runs_anew() public {
        _lock(device, 1);
        vm.warp(START + 100 days);
        uint40 endsAt = uint40(START + 465 days);
        vm.expectEmit();
        emit I.LockRaised(device, OWNER, 2, 1_500e18, endsAt);
        _raise(device, 2);
        _eqLock(device, I.Lock(1_500e18, endsAt, 2));
        _eq("paid", dimo.balanceOf(OWNER), 8_500e18);
        _eq("total", locks.totalLocked(), 1_500e18);
        for (uint8 level = 0; level <= 2; ++level) {
            vm.prank(OWNER);
            vm.expectRevert(abi.encodeWithSelector(I.LevelNotHigher.selector, level, 2));
            locks.raise(device, level);
        }
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IRewardLevels.LockLevelInvalid.selector, 4));
        locks.raise(device, 4);
        _raise(device, 3);
        _eq("in all", dimo.balanceOf(OWNER), 6_000e18);
    }

    function test_only_a_live_lock_of_the_owner_is_raised() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotLocked.selector, device, OWNER));
        locks.raise(device, 1);
        _lock(device, 1);
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER));
        locks.raise(device, 2);
        uint256 endsAt = START + 182 days;
        vm.warp(endsAt);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.LockEnded.selector, device, OWNER, endsAt));
        locks.raise(device, 2);
        vm.warp(endsAt - 1);
        _raise(device, 2);
    }

    function test_a_later_vote_changes_nothing_about_a_lock() public {
        _lock(device, 2);
        _setTerms(2, 9_000e18, 700 days);
        _eqLock(device, I.Lock(1_500e18, uint40(START + 365 days), 2));
        vm.warp(START + 365 days);
        locks.withdraw(device, OWNER);
        _eq("whole", dimo.balanceOf(OWNER), 10_000e18);
    }

    function test_a_raise_under_lower_terms_neither_frees_tokens_nor_shortens() public {
        _lock(device, 2);
        IRewardLevels.Table memory table = levels.tableOf(1);
        table.locks[0] = IRewardLevels.LockLevel(1e18, 10 days);
        table.locks[1] = IRewardLevels.LockLevel(2e18, 10 days);
        table.locks[2] = IRewardLevels.LockLevel(3e18, 10 days);
        levels.setTable(table);
        _raise(device, 3);
        _eqLock(device, I.Lock(1_500e18, uint40(START + 365 days), 3));
        _eq("nothing moved", dimo.balanceOf(OWNER), 8_500e18);
        _eq("total", locks.totalLocked(), 1_500e18);
    }

    function test_a_level_counts_from_the_lock_to_its_end() public {
        vm.warp(START + 10);
        _lock(device, 1);
        vm.warp(START + 100);
        _raise(device, 2);
        uint256 endsAt = START + 100 + 365 days;
        vm.warp(endsAt + 1);
        uint256[6] memory times = [START, START + 9, START + 10, START + 99, START + 100, endsAt - 1];
        uint8[6] memory expected = [0, 0, 1, 1, 2, 2];
        for (uint256 round = 0; round < 2; ++round) {
            for (uint256 i = 0; i < times.length; ++i) _eqLevel(device, OWNER, times[i], expected[i]);
            _eqLevel(device, OWNER, endsAt, 0);
            // And the same after it was withdrawn: the past stays.
            if (round == 0) locks.withdraw(device, OWNER);
        }
        _eqLevel(device, STRANGER, START + 100, 0);
        _eqLevel(other, OWNER, START + 100, 0);
    }

    function test_a_level_is_known_once_its_second_is_over() public {
        _lock(device, 1);
        vm.expectRevert(abi.encodeWithSelector(I.TimeNotPast.selector, START, START));
        locks.lockLevelOf(device, OWNER, uint48(START));
        vm.warp(START + 1);
        _eqLevel(device, OWNER, START, 1);
    }

    function test_a_lock_moves_to_another_device_of_its_holder() public {
        _lock(device, 2);
        vm.warp(START + 5);
        vm.expectEmit();
        emit I.LockMoved(device, OWNER, other);
        vm.prank(OWNER);
        locks.move(device, other);
        _eqLock(device, I.Lock(0, 0, 0));
        _eqLock(other, I.Lock(1_500e18, uint40(START + 365 days), 2));
        _eq("total", locks.totalLocked(), 1_500e18);
        vm.warp(START + 6);
        _eqLevel(device, OWNER, START + 4, 2);
        _eqLevel(device, OWNER, START + 5, 0);
        _eqLevel(other, OWNER, START + 4, 0);
        _eqLevel(other, OWNER, START + 5, 2);
        vm.warp(START + 365 days);
        locks.withdraw(other, OWNER);
        _eq("whole", dimo.balanceOf(OWNER), 10_000e18);
    }

    function test_a_lock_does_not_move_to_others_nor_onto_another_lock() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotLocked.selector, device, OWNER));
        locks.move(device, other);
        _lock(device, 1);
        _lock(other, 2);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyLocked.selector, other, OWNER, 2));
        locks.move(device, other);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyLocked.selector, device, OWNER, 1));
        locks.move(device, device);
        address strangers = _enrolFor(0xD03, STRANGER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, strangers, OWNER));
        locks.move(device, strangers);
        address third = _enrolFor(0xD04, OWNER);
        vm.warp(START + 182 days);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.LockEnded.selector, device, OWNER, START + 182 days));
        locks.move(device, third);
    }

    function test_a_sold_device_takes_no_lock_along_and_the_buyer_locks_at_once() public {
        _lock(device, 1);
        _handOver(device, OWNER, BOB);
        dimo.transfer(BOB, 4_000e18);
        vm.prank(BOB);
        dimo.approve(address(locks), 4_000e18);
        vm.prank(BOB);
        locks.lock(device, 3);
        vm.warp(START + 1);
        _eqLevel(device, BOB, START, 3);
        _eqLevel(device, OWNER, START, 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, OWNER));
        locks.raise(device, 2);
        vm.warp(START + 182 days);
        locks.withdraw(device, OWNER);
        _eq("the seller's", dimo.balanceOf(OWNER), 10_000e18);
        _eq("the buyer's stays", dimo.balanceOf(address(locks)), 4_000e18);
    }

    function test_locked_tokens_neither_vote_nor_raise_the_quorum() public {
        vm.prank(OWNER);
        dimo.delegate(OWNER);
        _lock(device, 3);
        _eq("votes", dimo.getVotes(OWNER), 6_000e18);
        _eq("left out", dimo.getVotes(EXCLUDED_VOTES), 4_000e18);
        vm.warp(START + 730 days);
        locks.withdraw(device, OWNER);
        _eq("votes again", dimo.getVotes(OWNER), 10_000e18);
        _eq("none left out", dimo.getVotes(EXCLUDED_VOTES), 0);
    }

    /// However locks are made, raised, moved and ended: what is held is what is owed.
    function testFuzz_what_is_held_is_what_is_owed(uint256 seed) public {
        address[3] memory devices = [device, other, _enrolFor(0xD05, OWNER)];
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            address one = devices[(seed >> 8) % 3];
            uint8 level = uint8((seed >> 16) % 4);
            bytes memory data = abi.encodeCall(I.lock, (one, level));
            if (seed % 5 == 1) data = abi.encodeCall(I.raise, (one, level));
            if (seed % 5 == 2) data = abi.encodeCall(I.move, (one, devices[(seed >> 32) % 3]));
            if (seed % 5 == 3) data = abi.encodeCall(I.withdraw, (one, OWNER));
            if (seed % 5 == 4) vm.warp(block.timestamp + ((seed >> 48) % 200 days));
            vm.prank(OWNER);
            (bool passed, ) = address(locks).call(data);
            uint256 sum = 0;
            for (uint256 j = 0; j < 3; ++j) sum += locks.lockOf(devices[j], OWNER).amount;
            _eq(passed ? "after a step" : "after a refusal", locks.totalLocked(), sum);
            _eq("held", dimo.balanceOf(address(locks)), sum);
            _eq("nothing lost", dimo.balanceOf(OWNER) + sum, 10_000e18);
        }
    }

    function test_restricted_calls_by_a_stranger() public {
        _refuseStranger(address(locks), abi.encodeCall(locks.upgradeToAndCall, (address(token), "")));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        locks.initialize(STRANGER, STRANGER, STRANGER, STRANGER);
    }

    function test_an_upgrade_by_vote_keeps_what_is_locked() public {
        _lock(device, 1);
        locks.upgradeToAndCall(address(new VehicleLocks()), "");
        _eqLock(device, I.Lock(500e18, uint40(START + 182 days), 1));
        _eq("total", locks.totalLocked(), 500e18);
    }

    function _lock(address locked, uint8 level) private {
        vm.prank(OWNER);
        locks.lock(locked, level);
    }

    function _raise(address locked, uint8 level) private {
        vm.prank(OWNER);
        locks.raise(locked, level);
    }

    function _setTerms(uint256 level, uint96 amount, uint32 durationSeconds) private {
        IRewardLevels.Table memory table = levels.tableOf(1);
        table.locks[level - 1] = IRewardLevels.LockLevel(amount, durationSeconds);
        if (level < 3) table.locks[level] = IRewardLevels.LockLevel(amount + 1, 730 days);
        levels.setTable(table);
    }

    function _eqLock(address locked, I.Lock memory expected) private view {
        _eq("lock", keccak256(abi.encode(locks.lockOf(locked, OWNER))), keccak256(abi.encode(expected)));
    }

    function _eqLevel(address locked, address holder, uint256 timestamp, uint8 expected) private view {
        _eq("level", locks.lockLevelOf(locked, holder, uint48(timestamp)), expected);
    }
}
