// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StreakMath} from "./StreakMath.sol";

/**
 * @title What a vehicle's week is worth in points
 * @notice points = data level (3 to 6) + streak level (0 to 3) + lock level (0 to 3); no data, no points. A week's
 * emission is shared out by points.
 *
 *     data     the highest level whose least packs (cadence) and least distinct signals (coverage) are both reached
 *     streak   by connected weeks; so many missed weeks in a row cost a level (StreakMath)
 *     lock     tokens locked for the vehicle (VehicleLocks)
 *
 * The thresholds are a table. A vote adds a new version and never changes an old one: the published inputs of an epoch
 * name the version they used, so a past week can be recomputed for ever. An epoch is judged by the version that was in
 * force when it began (`versionAt`), so no vote changes what a week in progress is worth.
 *
 * `pointsOf` and `nextStreak` are the reference; tools/rewards computes the same and is tested against them.
 */
interface IRewardLevels {
    /// @param packsMin Least packs accepted in the week.
    /// @param signalsMin Least distinct signals with a sample in the week.
    struct DataLevel {
        uint32 packsMin;
        uint32 signalsMin;
    }

    /// @param amount Base units to lock.
    /// @param durationSeconds For how long, 1 day to 4 years.
    struct LockLevel {
        uint96 amount;
        uint32 durationSeconds;
    }

    /// @param data Levels 3, 4, 5, 6; neither minimum falls from one to the next, and the first are not zero.
    /// @param streak Thresholds that rise.
    /// @param locks Levels 1, 2, 3; amounts rise, durations don't fall.
    struct Table {
        DataLevel[4] data;
        StreakMath.Terms streak;
        LockLevel[3] locks;
    }

    /// @notice What one vehicle did in one epoch.
    /// @param packs Packs accepted.
    /// @param samples Samples in them.
    /// @param signals Distinct signals with at least one sample.
    /// @param connectedWeeks Its streak, this week included.
    /// @param lockLevel 0 to 3, at the epoch's end.
    struct Activity {
        uint32 packs;
        uint64 samples;
        uint32 signals;
        uint32 connectedWeeks;
        uint8 lockLevel;
    }

    event TableSet(uint256 indexed version, Table table);

    error TableInvalid(Table table);
    error VersionUnknown(uint256 version, uint256 latest);
    error LockLevelInvalid(uint256 level);
    /// @notice What is in force can still change until the second is over.
    error TimeNotPast(uint256 timestamp, uint256 current);

    /// @notice Adds a table, in force from now on. Restricted.
    /// @return version Its number.
    function setTable(Table calldata table) external returns (uint256 version);

    /// @return The latest version; the first is 1.
    function latestVersion() external view returns (uint256);

    /// @return The version in force at a past moment; 0 before the first.
    /// @param timestamp Unix seconds, in the past.
    function versionAt(uint48 timestamp) external view returns (uint256);

    function tableOf(uint256 version) external view returns (Table memory);

    /// @return Points of a vehicle's week under a version: 0, or 3 to 12.
    function pointsOf(uint256 version, Activity calldata activity) external view returns (uint256);

    /// @return 0 without data, or 3 to 6.
    function dataLevelOf(uint256 version, Activity calldata activity) external view returns (uint256);

    /// @return 0 to 3.
    function streakLevelOf(uint256 version, uint32 connectedWeeks) external view returns (uint256);

    /// @notice A streak one week further.
    function nextStreak(
        uint256 version,
        StreakMath.Streak calldata streak,
        bool connected
    ) external view returns (StreakMath.Streak memory);

    /// @notice Under the latest version.
    /// @param level 1 to 3.
    function lockTermsOf(uint8 level) external view returns (LockLevel memory);
}
