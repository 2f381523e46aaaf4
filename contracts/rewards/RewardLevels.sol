// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Governed} from "../common/Governed.sol";
import {IRewardLevels} from "./IRewardLevels.sol";
import {StreakMath} from "./StreakMath.sol";

/// @title What a vehicle's week is worth in points
contract RewardLevels is IRewardLevels, Governed {
    using Checkpoints for Checkpoints.Trace208;

    uint256 public constant DATA_LEVEL_MIN = 3;
    uint256 public constant LOCK_LEVEL_MAX = 3;
    uint32 public constant LOCK_SECONDS_MIN = 1 days;
    uint32 public constant LOCK_SECONDS_MAX = 4 * 365 days;

    /// @custom:storage-location erc7201:dimo.storage.RewardLevels
    struct Layout {
        Checkpoints.Trace208 versions;
        mapping(uint256 version => Table) tables;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.RewardLevels")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x5b701e3f30989c3810a8cc12bc0717c537ac7aefb591dd6165731303a3300c00;

    /// @param authority_ AccessManager.
    function initialize(address authority_) external initializer {
        __Governed_init(authority_);
        Table memory table;
        // A pack a week, one a day, ten a day, fifty a day.
        table.data[0] = DataLevel({packsMin: 1, signalsMin: 1});
        table.data[1] = DataLevel({packsMin: 7, signalsMin: 10});
        table.data[2] = DataLevel({packsMin: 70, signalsMin: 25});
        table.data[3] = DataLevel({packsMin: 350, signalsMin: 50});
        table.streak = StreakMath.Terms({weeksMin1: 4, weeksMin2: 21, weeksMin3: 36, missedWeeksMax: 3});
        table.locks[0] = LockLevel({amount: 500e18, durationSeconds: 182 days});
        table.locks[1] = LockLevel({amount: 1_500e18, durationSeconds: 365 days});
        table.locks[2] = LockLevel({amount: 4_000e18, durationSeconds: 730 days});
        _setTable(table);
    }

    /// @inheritdoc IRewardLevels
    function setTable(Table calldata table) external restricted returns (uint256 version) {
        return _setTable(table);
    }

    /// @inheritdoc IRewardLevels
    function versionAt(uint48 timestamp) external view returns (uint256) {
        if (timestamp >= block.timestamp) revert TimeNotPast(timestamp, block.timestamp);
        return _layout().versions.upperLookupRecent(timestamp);
    }

    /// @inheritdoc IRewardLevels
    function tableOf(uint256 version) external view returns (Table memory) {
        return _table(version);
    }

    /// @inheritdoc IRewardLevels
    function pointsOf(uint256 version, Activity calldata activity) external view returns (uint256) {
        if (activity.lockLevel > LOCK_LEVEL_MAX) revert LockLevelInvalid(activity.lockLevel);
        Table storage table = _table(version);
        uint256 dataLevel = _dataLevel(table, activity);
        if (dataLevel == 0) return 0;
        return dataLevel + StreakMath.levelOf(table.streak, activity.connectedWeeks) + activity.lockLevel;
    }

    /// @inheritdoc IRewardLevels
    function dataLevelOf(uint256 version, Activity calldata activity) external view returns (uint256) {
        return _dataLevel(_table(version), activity);
    }

    /// @inheritdoc IRewardLevels
    function streakLevelOf(uint256 version, uint32 connectedWeeks) external view returns (uint256) {
        return StreakMath.levelOf(_table(version).streak, connectedWeeks);
    }

    /// @inheritdoc IRewardLevels
    function nextStreak(
        uint256 version,
        StreakMath.Streak calldata streak,
        bool connected
    ) external view returns (StreakMath.Streak memory) {
        return StreakMath.next(_table(version).streak, streak, connected);
    }

    /// @inheritdoc IRewardLevels
    function lockTermsOf(uint8 level) external view returns (LockLevel memory) {
        if (level == 0 || level > LOCK_LEVEL_MAX) revert LockLevelInvalid(level);
        return _table(latestVersion()).locks[level - 1];
    }

    /// @inheritdoc IRewardLevels
    function latestVersion() public view returns (uint256) {
        return _layout().versions.latest();
    }

    function _setTable(Table memory table) private returns (uint256 version) {
        if (!_isValid(table)) revert TableInvalid(table);
        Layout storage $ = _layout();
        version = latestVersion() + 1;
        Table storage stored = $.tables[version];
        for (uint256 i = 0; i < table.data.length; ++i) stored.data[i] = table.data[i];
        for (uint256 i = 0; i < table.locks.length; ++i) stored.locks[i] = table.locks[i];
        stored.streak = table.streak;
        $.versions.push(uint48(block.timestamp), uint208(version));
        emit TableSet(version, table);
    }

    function _table(uint256 version) private view returns (Table storage) {
        uint256 latest = latestVersion();
        if (version == 0 || version > latest) revert VersionUnknown(version, latest);
        return _layout().tables[version];
    }

    function _dataLevel(Table storage table, Activity calldata activity) private view returns (uint256) {
        if (activity.samples == 0) return 0;
        for (uint256 i = table.data.length; i > 0; --i) {
            DataLevel memory level = table.data[i - 1];
            if (activity.packs >= level.packsMin && activity.signals >= level.signalsMin) return DATA_LEVEL_MIN + i - 1;
        }
        return 0;
    }

    function _isValid(Table memory table) private pure returns (bool valid) {
        valid = table.data[0].packsMin != 0 && table.data[0].signalsMin != 0 && StreakMath.isValid(table.streak);
        for (uint256 i = 1; i < table.data.length; ++i) {
            DataLevel memory below = table.data[i - 1];
            DataLevel memory level = table.data[i];
            valid = valid && below.packsMin <= level.packsMin && below.signalsMin <= level.signalsMin;
        }
        uint96 amount = 0;
        uint32 durationSeconds = LOCK_SECONDS_MIN;
        for (uint256 i = 0; i < table.locks.length; ++i) {
            LockLevel memory level = table.locks[i];
            valid = valid && level.amount > amount && level.durationSeconds >= durationSeconds;
            (amount, durationSeconds) = (level.amount, level.durationSeconds);
        }
        valid = valid && durationSeconds <= LOCK_SECONDS_MAX;
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
