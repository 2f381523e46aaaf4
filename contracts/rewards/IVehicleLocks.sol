// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Tokens locked for a vehicle
 * @notice The owner of a device locks the tokens of a level for that level's time; while they are locked, the device's
 * weeks are worth more points.
 *
 *     None --lock(owner)--> Locked --time--> Ended --withdraw(anyone, to the holder)--> None
 *     Locked --raise(holder)--> Locked, at a higher level, not to end earlier
 *     Locked --move(holder)--> the same lock, for another device of theirs
 *
 * A lock belongs to a device *and* to who locked it, and counts only while that account owns the device. So a device
 * that is sold takes no lock along, the buyer can lock at once, and nobody can keep a stranger's device occupied.
 *
 * The terms are those of RewardLevels at the time: a later vote neither lengthens a lock nor asks for more. At its end
 * a lock stops counting, whether it is withdrawn or not.
 *
 * Locked tokens can do nothing else. They don't vote: this contract delegates all it holds to the address that is left
 * out of the circulating supply, so that they don't raise the quorum either. Who wants the points gives up the votes.
 */
interface IVehicleLocks {
    /// @param amount Base units held.
    /// @param endsAt Unix time from which they may be withdrawn.
    /// @param level 1 to 3; 0 where there is no lock.
    struct Lock {
        uint96 amount;
        uint40 endsAt;
        uint8 level;
    }

    event Locked(address indexed device, address indexed holder, uint8 level, uint96 amount, uint40 endsAt);
    event LockRaised(address indexed device, address indexed holder, uint8 level, uint96 amount, uint40 endsAt);
    event LockMoved(address indexed device, address indexed holder, address indexed newDevice);
    event LockWithdrawn(address indexed device, address indexed holder, uint96 amount);

    error NotDeviceOwner(address device, address caller);
    /// @notice There is a lock already: it can be raised, or withdrawn after its end.
    error AlreadyLocked(address device, address holder, uint8 level);
    error NotLocked(address device, address holder);
    error LockEnded(address device, address holder, uint256 endsAt);
    error LockNotEnded(address device, address holder, uint256 endsAt);
    error LevelNotHigher(uint8 level, uint8 current);
    /// @notice What is locked can still change until the second is over.
    error TimeNotPast(uint256 timestamp, uint256 current);

    /// @notice Locks a level's tokens of the caller (allowance needed), who owns the device.
    function lock(address device, uint8 level) external;

    /// @notice Raises a lock that has not ended: the caller pays what the higher level asks beyond what is held, and the
    /// time runs anew from now for the higher level's length, or to the old end where that is later.
    function raise(address device, uint8 level) external;

    /// @notice Lets the caller's lock count for another device of theirs, as after a change of key or of hardware.
    function move(address device, address newDevice) external;

    /// @notice Returns the tokens of a lock that has ended to its holder. Anyone may send it.
    function withdraw(address device, address holder) external;

    function lockOf(address device, address holder) external view returns (Lock memory);

    /// @return The level that counted at a past moment, 0 to 3, if the holder owned the device then.
    /// @param timestamp Unix seconds, in the past; for an epoch's points, the last second of the epoch.
    function lockLevelOf(address device, address holder, uint48 timestamp) external view returns (uint8);

    /// @return Base units of all locks together.
    function totalLocked() external view returns (uint256);
}
