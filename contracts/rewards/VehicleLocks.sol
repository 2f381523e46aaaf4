// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Governed} from "../common/Governed.sol";
import {EXCLUDED_VOTES} from "../governance/ExcludedVotes.sol";
import {IMinerRegistry} from "../registry/IMinerRegistry.sol";
import {IRewardLevels} from "./IRewardLevels.sol";
import {IVehicleLocks} from "./IVehicleLocks.sol";

/// @title Tokens locked for a vehicle
contract VehicleLocks is IVehicleLocks, Governed {
    using SafeERC20 for IERC20;
    using Checkpoints for Checkpoints.Trace208;

    /// @custom:storage-location erc7201:dimo.storage.VehicleLocks
    struct Layout {
        IERC20 token;
        uint96 totalLocked;
        IMinerRegistry miners;
        IRewardLevels levels;
        mapping(address device => mapping(address holder => Lock)) locks;
        mapping(address device => mapping(address holder => Checkpoints.Trace208)) history;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.VehicleLocks")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xef385e8945258371446e3550d1bb05b26ac8748f1d5746d980a9c7034f51d000;

    /// @param authority_ AccessManager.
    /// @param token_ What is locked: an ERC-20 with votes.
    /// @param minerRegistry_ Where the owners of devices stand.
    /// @param rewardLevels_ Where the terms of new locks stand.
    function initialize(
        address authority_,
        address token_,
        address minerRegistry_,
        address rewardLevels_
    ) external initializer {
        __Governed_init(authority_);
        Layout storage $ = _layout();
        $.token = IERC20(token_);
        $.miners = IMinerRegistry(minerRegistry_);
        $.levels = IRewardLevels(rewardLevels_);
        IVotes(token_).delegate(EXCLUDED_VOTES);
    }

    /// @inheritdoc IVehicleLocks
    function lock(address device, uint8 level) external {
        Layout storage $ = _layout();
        _checkOwner($, device);
        Lock storage record = $.locks[device][msg.sender];
        if (record.level != 0) revert AlreadyLocked(device, msg.sender, record.level);
        IRewardLevels.LockLevel memory terms = $.levels.lockTermsOf(level);

        uint40 endsAt = uint40(block.timestamp) + terms.durationSeconds;
        _set($, device, Lock(terms.amount, endsAt, level));
        $.totalLocked += terms.amount;
        emit Locked(device, msg.sender, level, terms.amount, endsAt);

        $.token.safeTransferFrom(msg.sender, address(this), terms.amount);
    }

    /// @inheritdoc IVehicleLocks
    function raise(address device, uint8 level) external {
        Layout storage $ = _layout();
        _checkOwner($, device);
        Lock memory record = _live($, device);
        if (level <= record.level) revert LevelNotHigher(level, record.level);
        IRewardLevels.LockLevel memory terms = $.levels.lockTermsOf(level);

        // A vote may have lowered the terms meanwhile; what is locked stays locked.
        uint96 amount = uint96(Math.max(record.amount, terms.amount));
        uint40 endsAt = uint40(Math.max(record.endsAt, block.timestamp + terms.durationSeconds));
        uint96 missing = amount - record.amount;
        _set($, device, Lock(amount, endsAt, level));
        $.totalLocked += missing;
        emit LockRaised(device, msg.sender, level, amount, endsAt);

        $.token.safeTransferFrom(msg.sender, address(this), missing);
    }

    /// @inheritdoc IVehicleLocks
    function move(address device, address newDevice) external {
        Layout storage $ = _layout();
        _checkOwner($, newDevice);
        Lock memory record = _live($, device);
        uint8 level = $.locks[newDevice][msg.sender].level;
        if (level != 0) revert AlreadyLocked(newDevice, msg.sender, level);

        _set($, device, Lock(0, 0, 0));
        _set($, newDevice, record);
        emit LockMoved(device, msg.sender, newDevice);
    }

    /// @inheritdoc IVehicleLocks
    function withdraw(address device, address holder) external {
        Layout storage $ = _layout();
        Lock memory record = $.locks[device][holder];
        if (record.level == 0) revert NotLocked(device, holder);
        if (block.timestamp < record.endsAt) revert LockNotEnded(device, holder, record.endsAt);

        // The history keeps the lock, with its end: past weeks stay as they were.
        delete $.locks[device][holder];
        $.totalLocked -= record.amount;
        emit LockWithdrawn(device, holder, record.amount);

        $.token.safeTransfer(holder, record.amount);
    }

    /// @inheritdoc IVehicleLocks
    function lockOf(address device, address holder) external view returns (Lock memory) {
        return _layout().locks[device][holder];
    }

    /// @inheritdoc IVehicleLocks
    function lockLevelOf(address device, address holder, uint48 timestamp) external view returns (uint8) {
        if (timestamp >= block.timestamp) revert TimeNotPast(timestamp, block.timestamp);
        uint208 packed = _layout().history[device][holder].upperLookupRecent(timestamp);
        return timestamp < packed >> 8 ? uint8(packed) : 0;
    }

    /// @inheritdoc IVehicleLocks
    function totalLocked() external view returns (uint256) {
        return _layout().totalLocked;
    }

    /// @notice What is locked.
    function token() external view returns (address) {
        return address(_layout().token);
    }

    /// @notice Where the terms of new locks stand.
    function rewardLevels() external view returns (address) {
        return address(_layout().levels);
    }

    /// @notice Where the owners of devices stand.
    function minerRegistry() external view returns (address) {
        return address(_layout().miners);
    }

    /// @dev Writes a lock of the caller, and its end and level into the history.
    function _set(Layout storage $, address device, Lock memory record) private {
        $.locks[device][msg.sender] = record;
        $.history[device][msg.sender].push(uint48(block.timestamp), (uint208(record.endsAt) << 8) | record.level);
    }

    /// @return The caller's lock, which has not ended.
    function _live(Layout storage $, address device) private view returns (Lock memory) {
        Lock memory record = $.locks[device][msg.sender];
        if (record.level == 0) revert NotLocked(device, msg.sender);
        if (block.timestamp >= record.endsAt) revert LockEnded(device, msg.sender, record.endsAt);
        return record;
    }

    /// @dev A retired device keeps its owner but earns nothing, so it takes no lock.
    function _checkOwner(Layout storage $, address device) private view {
        IMinerRegistry.DeviceInfo memory info = $.miners.deviceInfo(device);
        if (info.status != IMinerRegistry.DeviceStatus.Active || info.owner != msg.sender) {
            revert NotDeviceOwner(device, msg.sender);
        }
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
