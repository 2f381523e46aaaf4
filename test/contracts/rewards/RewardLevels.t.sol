// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Points: every threshold on both sides, what missed weeks cost, and that a vote changes no version that was used.

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IRewardLevels as I} from "../../../contracts/rewards/IRewardLevels.sol";
import {StreakMath} from "../../../contracts/rewards/StreakMath.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

contract RewardLevelsTest is RewardsBase {
    struct DataRow {
        uint32 packs;
        uint64 samples;
        uint32 signals;
        uint256 level;
    }

    function test_set_up_with_the_first_table() public view {
        I.Table memory table = _table();
        _eq("version", levels.latestVersion(), 1);
        _eq("table", keccak256(abi.encode(levels.tableOf(1))), keccak256(abi.encode(table)));
    }

    function test_data_levels_ask_for_cadence_and_coverage() public view {
        DataRow[16] memory rows = [
            DataRow(0, 0, 0, 0),
            DataRow(1, 0, 1, 0),
            DataRow(0, 1, 1, 0),
            DataRow(1, 1, 0, 0),
            DataRow(1, 1, 1, 3),
            DataRow(6, 1, 99, 3),
            DataRow(7, 1, 9, 3),
            DataRow(7, 1, 10, 4),
            DataRow(69, 1, 99, 4),
            DataRow(70, 1, 24, 4),
            DataRow(70, 1, 25, 5),
            DataRow(349, 1, 99, 5),
            DataRow(350, 1, 49, 5),
            DataRow(350, 1, 50, 6),
            DataRow(type(uint32).max, type(uint64).max, type(uint32).max, 6),
            DataRow(type(uint32).max, 0, type(uint32).max, 0)
        ];
        for (uint256 i = 0; i < rows.length; ++i) {
            I.Activity memory activity = I.Activity(rows[i].packs, rows[i].samples, rows[i].signals, 0, 0);
            _eq("data level", levels.dataLevelOf(1, activity), rows[i].level);
            _eq("points", levels.pointsOf(1, activity), rows[i].level);
        }
    }

    function test_streak_levels_begin_at_4_21_and_36_weeks() public view {
        uint32[8] memory connectedWeeks = [uint32(0), 3, 4, 20, 21, 35, 36, type(uint32).max];
        uint8[8] memory expected = [0, 0, 1, 1, 2, 2, 3, 3];
        for (uint256 i = 0; i < expected.length; ++i) {
            _eq("level", levels.streakLevelOf(1, connectedWeeks[i]), expected[i]);
            _eq("points", levels.pointsOf(1, I.Activity(1, 1, 1, connectedWeeks[i], 0)), 3 + expected[i]);
        }
    }

    function test_points_add_up_and_without_data_there_are_none() public {
        _eq("all", levels.pointsOf(1, I.Activity(350, 1, 50, 36, 3)), 12);
        _eq("a lock", levels.pointsOf(1, I.Activity(1, 1, 1, 0, 2)), 5);
        _eq("no data", levels.pointsOf(1, I.Activity(0, 0, 0, 36, 3)), 0);
        vm.expectRevert(abi.encodeWithSelector(I.LockLevelInvalid.selector, 4));
        levels.pointsOf(1, I.Activity(1, 1, 1, 0, 4));
    }

    function test_three_missed_weeks_in_a_row_cost_a_level() public view {
        uint32[5] memory before = [uint32(3), 20, 35, 36, 200];
        uint32[5] memory afterwards = [uint32(0), 0, 4, 21, 21];
        for (uint256 i = 0; i < before.length; ++i) {
            StreakMath.Streak memory streak = StreakMath.Streak(before[i], 0);
            for (uint8 missed = 1; missed < 3; ++missed) {
                streak = levels.nextStreak(1, streak, false);
                _eq("kept", streak.connectedWeeks, before[i]);
                _eq("counted", streak.missedWeeks, missed);
            }
            StreakMath.Streak memory back = levels.nextStreak(1, streak, true);
            _eq("back in time", back.connectedWeeks, before[i] + 1);
            _eq("counted anew", back.missedWeeks, 0);
            streak = levels.nextStreak(1, streak, false);
            _eq("fell", streak.connectedWeeks, afterwards[i]);
            _eq("counted anew", streak.missedWeeks, 0);
        }
    }

    function test_the_longest_streak_and_the_longest_absence_don_t_overflow() public {
        StreakMath.Streak memory streak = StreakMath.Streak(type(uint32).max, 0);
        _eq("longest", levels.nextStreak(1, streak, true).connectedWeeks, type(uint32).max);
        _eq(
            "one below",
            levels.nextStreak(1, StreakMath.Streak(type(uint32).max - 1, 0), true).connectedWeeks,
            type(uint32).max
        );
        I.Table memory table = _table();
        table.streak.missedWeeksMax = 255;
        levels.setTable(table);
        streak = levels.nextStreak(2, StreakMath.Streak(40, 253), false);
        _eq("not yet", streak.connectedWeeks, 40);
        _eq("254", streak.missedWeeks, 254);
        streak = levels.nextStreak(2, streak, false);
        _eq("fell", streak.connectedWeeks, 21);
        // Under a table that allows fewer, a count from before falls at once.
        _eq("stricter", levels.nextStreak(1, StreakMath.Streak(40, 200), false).connectedWeeks, 21);
    }

    /// A streak never falls by more than a level, and never rises by missing.
    function testFuzz_a_week_moves_a_streak_by_a_level_at_most(
        uint32 connectedWeeks,
        uint8 missed,
        bool on
    ) public view {
        StreakMath.Streak memory streak = levels.nextStreak(1, StreakMath.Streak(connectedWeeks, missed), on);
        uint256 before = levels.streakLevelOf(1, connectedWeeks);
        uint256 afterwards = levels.streakLevelOf(1, streak.connectedWeeks);
        if (on) _eq("up", afterwards == before || afterwards == before + 1, true);
        else _eq("down", afterwards == before || afterwards + 1 == before, true);
        _eq("count", streak.missedWeeks < 3, true);
    }

    function test_a_new_table_is_a_new_version_and_leaves_the_old_one() public {
        I.Table memory table = _table();
        table.data[0].signalsMin = 5;
        table.streak.weeksMin1 = 2;
        table.locks[0] = I.LockLevel(600e18, 100 days);
        vm.warp(START + 10 days);
        vm.expectEmit();
        emit I.TableSet(2, table);
        _eq("version", levels.setTable(table), 2);
        _eq("latest", levels.latestVersion(), 2);
        _eq("table", keccak256(abi.encode(levels.tableOf(2))), keccak256(abi.encode(table)));
        _eq("the old table", keccak256(abi.encode(levels.tableOf(1))), keccak256(abi.encode(_table())));
        I.Activity memory activity = I.Activity(1, 1, 1, 2, 0);
        _eq("under the old", levels.pointsOf(1, activity), 3);
        _eq("under the new", levels.pointsOf(2, activity), 0);
        _eq("streak", levels.streakLevelOf(2, 2), 1);
        _eq("lock", levels.lockTermsOf(1).amount, 600e18);
        _eq("lock", levels.lockTermsOf(1).durationSeconds, 100 days);
    }

    function test_the_version_in_force_is_known_once_its_second_is_over() public {
        vm.expectRevert(abi.encodeWithSelector(I.TimeNotPast.selector, START, START));
        levels.versionAt(uint48(START));
        vm.warp(START + 10 days);
        levels.setTable(_table());
        vm.warp(START + 20 days);
        _eq("before all", levels.versionAt(uint48(START - 1)), 0);
        _eq("first", levels.versionAt(uint48(START)), 1);
        _eq("last second of the first", levels.versionAt(uint48(START + 10 days - 1)), 1);
        _eq("second", levels.versionAt(uint48(START + 10 days)), 2);
        _eq("a second ago", levels.versionAt(uint48(START + 20 days - 1)), 2);
        levels.setTable(_table());
        levels.setTable(_table());
        vm.warp(START + 20 days + 1);
        _eq("the later of two in a second", levels.versionAt(uint48(START + 20 days)), 4);
    }

    function test_tables_that_make_no_sense() public {
        for (uint256 i = 0; i < 18; ++i) {
            I.Table memory table = _table();
            if (i == 0) table.data[0].packsMin = 0;
            if (i == 1) table.data[0].signalsMin = 0;
            if (i == 2) table.data[1].packsMin = 71;
            if (i == 3) table.data[2].signalsMin = 9;
            if (i == 4) table.data[3].packsMin = 69;
            if (i == 5) table.data[3].signalsMin = 24;
            if (i == 6) table.streak.weeksMin1 = 0;
            if (i == 7) table.streak.weeksMin2 = 4;
            if (i == 8) table.streak.weeksMin3 = 21;
            if (i == 9) table.streak.missedWeeksMax = 0;
            if (i == 10) table.locks[0].amount = 0;
            if (i == 11) table.locks[1].amount = 500e18;
            if (i == 12) table.locks[2].amount = 1_500e18;
            if (i == 13) table.locks[0].durationSeconds = 1 days - 1;
            if (i == 14) table.locks[1].durationSeconds = 182 days - 1;
            if (i == 15) table.locks[2].durationSeconds = 365 days - 1;
            if (i == 16) table.locks[2].durationSeconds = 4 * 365 days + 1;
            if (i == 17) table.data[0].packsMin = 8;
            vm.expectRevert(abi.encodeWithSelector(I.TableInvalid.selector, table));
            levels.setTable(table);
        }
        _eq("nothing set", levels.latestVersion(), 1);
    }

    function test_tables_at_the_limits() public {
        I.Table memory table = _table();
        for (uint256 i = 0; i < 4; ++i) table.data[i] = I.DataLevel(1, 1);
        table.streak = StreakMath.Terms(1, 2, 3, 1);
        table.locks[0] = I.LockLevel(1, 1 days);
        table.locks[1] = I.LockLevel(2, 4 * 365 days);
        table.locks[2] = I.LockLevel(3, 4 * 365 days);
        levels.setTable(table);
        _eq("data", levels.dataLevelOf(2, I.Activity(1, 1, 1, 0, 0)), 6);
        _eq("a single missed week", levels.nextStreak(2, StreakMath.Streak(9, 0), false).connectedWeeks, 2);
    }

    function test_unknown_versions_and_levels() public {
        uint256[2] memory unknown = [uint256(0), 2];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory refusal = abi.encodeWithSelector(I.VersionUnknown.selector, unknown[i], 1);
            vm.expectRevert(refusal);
            levels.tableOf(unknown[i]);
            vm.expectRevert(refusal);
            levels.pointsOf(unknown[i], I.Activity(1, 1, 1, 0, 0));
            vm.expectRevert(refusal);
            levels.dataLevelOf(unknown[i], I.Activity(1, 1, 1, 0, 0));
            vm.expectRevert(refusal);
            levels.streakLevelOf(unknown[i], 1);
            vm.expectRevert(refusal);
            levels.nextStreak(unknown[i], StreakMath.Streak(1, 0), true);
        }
        uint8[2] memory none = [0, 4];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.LockLevelInvalid.selector, none[i]));
            levels.lockTermsOf(none[i]);
        }
        _eq("third", levels.lockTermsOf(3).amount, 4_000e18);
    }

    function test_restricted_calls_by_a_stranger() public {
        _refuseStranger(address(levels), abi.encodeCall(I.setTable, (_table())));
        _refuseStranger(address(levels), abi.encodeCall(levels.upgradeToAndCall, (address(token), "")));
        vm.expectRevert(abi.encodeWithSelector(Initializable.InvalidInitialization.selector));
        levels.initialize(STRANGER);
    }

    /// @dev The plan's table, written down a second time.
    function _table() private pure returns (I.Table memory table) {
        table.data[0] = I.DataLevel(1, 1);
        table.data[1] = I.DataLevel(7, 10);
        table.data[2] = I.DataLevel(70, 25);
        table.data[3] = I.DataLevel(350, 50);
        table.streak = StreakMath.Terms(4, 21, 36, 3);
        table.locks[0] = I.LockLevel(500e18, 182 days);
        table.locks[1] = I.LockLevel(1_500e18, 365 days);
        table.locks[2] = I.LockLevel(4_000e18, 730 days);
    }
}
