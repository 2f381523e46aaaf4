// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IManufacturerRegistry} from "./IManufacturerRegistry.sol";

/**
 * @title The states of a licence
 * @notice The diagram in {IManufacturerRegistry} as functions of plain values, without storage, clock or caller. The
 * registry writes a status through them only, so what test/proof/Licence.sol proves of them holds for it.
 */
library LicenceStates {
    enum Step {
        PostBond,
        Suspend,
        GuardianSuspend,
        Reinstate,
        Revoke,
        Slash,
        Exit
    }

    uint40 internal constant EXIT_PERIOD_SECONDS = 180 days;
    uint40 internal constant GUARDIAN_SUSPENSION_SECONDS_MAX = 14 days;

    // The names of the states, short: a diagram has to fit on a page.
    IManufacturerRegistry.LicenceStatus private constant NONE = IManufacturerRegistry.LicenceStatus.None;
    IManufacturerRegistry.LicenceStatus private constant GRANTED = IManufacturerRegistry.LicenceStatus.Granted;
    IManufacturerRegistry.LicenceStatus private constant ACTIVE = IManufacturerRegistry.LicenceStatus.Active;
    IManufacturerRegistry.LicenceStatus private constant SUSPENDED = IManufacturerRegistry.LicenceStatus.Suspended;
    IManufacturerRegistry.LicenceStatus private constant REVOKED = IManufacturerRegistry.LicenceStatus.Revoked;
    IManufacturerRegistry.LicenceStatus private constant EXITING = IManufacturerRegistry.LicenceStatus.Exiting;
    IManufacturerRegistry.LicenceStatus private constant EXITED = IManufacturerRegistry.LicenceStatus.Exited;

    /// @notice The status that a step leads to; None where it is refused.
    /// @param status As it stands now (see `current`), not as it was stored.
    /// @param bonded Whether the bond is whole, once the step has moved it.
    /// @param temporary Whether what stands is a guardian's suspension.
    function next(
        Step step,
        IManufacturerRegistry.LicenceStatus status,
        bool bonded,
        bool temporary
    ) internal pure returns (IManufacturerRegistry.LicenceStatus) {
        bool running = status == ACTIVE || status == EXITING;
        if (status == NONE || status == EXITED) return NONE;
        if (step == Step.PostBond) return status == GRANTED && bonded ? ACTIVE : NONE;
        if (step == Step.Suspend) return running || (status == SUSPENDED && temporary) ? SUSPENDED : NONE;
        if (step == Step.GuardianSuspend) return running ? SUSPENDED : NONE;
        if (step == Step.Reinstate) return status == SUSPENDED ? _byBond(bonded) : NONE;
        if (step == Step.Revoke) return status == REVOKED ? NONE : REVOKED;
        if (step == Step.Slash) return status == ACTIVE ? _byBond(bonded) : status;
        return status == GRANTED || status == ACTIVE ? EXITING : NONE;
    }

    /// @notice The status now of what was stored: a guardian's suspension and an exit period end by themselves.
    /// @param until Unix time at which the stored status ends; 0 for never.
    function current(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        bool bonded,
        uint256 timestamp
    ) internal pure returns (IManufacturerRegistry.LicenceStatus) {
        if (until == 0 || timestamp < until) return stored;
        if (stored == EXITING) return EXITED;
        return stored == SUSPENDED ? _byBond(bonded) : stored;
    }

    /// @notice Whether the packs of its devices count.
    function counts(IManufacturerRegistry.LicenceStatus status, bool bonded) internal pure returns (bool) {
        return status == ACTIVE || (status == EXITING && bonded);
    }

    /// @notice Whether its bond may go back to the owner, and so can't be slashed any more.
    function isBondFree(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        uint256 timestamp
    ) internal pure returns (bool) {
        return (stored == EXITING || stored == REVOKED) && timestamp >= until;
    }

    /// @notice When a guardian's suspension that starts now ends.
    /// @param used Whether the licence had one before.
    function guardianUntil(
        uint256 id,
        bool used,
        uint40 durationSeconds,
        uint256 timestamp
    ) internal pure returns (uint40) {
        require(!used, IManufacturerRegistry.GuardianSuspensionUsed(id));
        require(
            durationSeconds != 0 && durationSeconds <= GUARDIAN_SUSPENSION_SECONDS_MAX,
            IManufacturerRegistry.SuspensionDurationInvalid(durationSeconds, GUARDIAN_SUSPENSION_SECONDS_MAX)
        );
        return uint40(timestamp) + durationSeconds;
    }

    /// @notice What the history keeps of a status written down now.
    /// @return Bit 0: whether the fleet counts from now on. The rest: the time at which that flips; 0 for never.
    function pack(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        bool bonded
    ) internal pure returns (uint208) {
        bool counting = counts(stored, bonded);
        bool flips = bonded && (counting || stored == SUSPENDED);
        return (flips ? uint208(until) * 2 : 0) + (counting ? 1 : 0);
    }

    /// @notice Whether the fleet counted at a time, by the last value that was packed up to then.
    function countedAt(uint208 packed, uint256 timestamp) internal pure returns (bool) {
        bool counting = packed % 2 == 1;
        uint208 flipsAt = packed / 2;
        return flipsAt != 0 && timestamp >= flipsAt ? !counting : counting;
    }

    function _byBond(bool bonded) private pure returns (IManufacturerRegistry.LicenceStatus) {
        return bonded ? ACTIVE : GRANTED;
    }
}
