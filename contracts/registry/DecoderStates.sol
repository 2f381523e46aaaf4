// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDecoderRegistry} from "./IDecoderRegistry.sol";

/**
 * @title The states of a decoder
 * @notice The diagram in {IDecoderRegistry} as functions of plain values, without storage, clock or caller. The registry
 * writes a status through them only, so what test/proof/Decoder.sol proves of them holds for it.
 */
library DecoderStates {
    enum Step {
        List,
        Deprecate,
        Retire,
        Suspend,
        Reinstate,
        Revoke
    }

    uint40 internal constant GUARDIAN_SUSPENSION_SECONDS_MAX = 14 days;

    // The names of the states, short: a diagram has to fit on a page.
    IDecoderRegistry.DecoderStatus private constant NONE = IDecoderRegistry.DecoderStatus.None;
    IDecoderRegistry.DecoderStatus private constant LISTED = IDecoderRegistry.DecoderStatus.Listed;
    IDecoderRegistry.DecoderStatus private constant DEPRECATED = IDecoderRegistry.DecoderStatus.Deprecated;
    IDecoderRegistry.DecoderStatus private constant RETIRED = IDecoderRegistry.DecoderStatus.Retired;
    IDecoderRegistry.DecoderStatus private constant SUSPENDED = IDecoderRegistry.DecoderStatus.Suspended;
    IDecoderRegistry.DecoderStatus private constant REVOKED = IDecoderRegistry.DecoderStatus.Revoked;

    /// @notice The status that a step leads to; None where it is refused.
    /// @param status As it stands now (see `current`), not as it was stored.
    /// @param graceEnds Unix time at which its grace period ends; 0 where it was never deprecated.
    function next(
        Step step,
        IDecoderRegistry.DecoderStatus status,
        uint40 graceEnds,
        uint256 timestamp
    ) internal pure returns (IDecoderRegistry.DecoderStatus) {
        if (step == Step.List) return status == NONE ? LISTED : NONE;
        if (step == Step.Deprecate) return status == LISTED ? DEPRECATED : NONE;
        if (step == Step.Retire) return status == DEPRECATED ? RETIRED : NONE;
        if (step == Step.Suspend) return isActive(status) ? SUSPENDED : NONE;
        if (step == Step.Reinstate) return status == SUSPENDED ? _byGrace(graceEnds, timestamp) : NONE;
        return isActive(status) || status == SUSPENDED ? REVOKED : NONE;
    }

    /// @notice The status now of what was stored: a suspension and a grace period end by themselves.
    function current(
        IDecoderRegistry.DecoderStatus stored,
        uint40 suspendedUntil,
        uint40 graceEnds,
        uint256 timestamp
    ) internal pure returns (IDecoderRegistry.DecoderStatus) {
        bool suspensionOver = stored == SUSPENDED && timestamp >= suspendedUntil;
        return suspensionOver || stored == DEPRECATED ? _byGrace(graceEnds, timestamp) : stored;
    }

    /// @notice Whether Miners may decode with it.
    function isActive(IDecoderRegistry.DecoderStatus status) internal pure returns (bool) {
        return status == LISTED || status == DEPRECATED;
    }

    /// @notice When a guardian's suspension that starts now ends.
    /// @param suspendedUntil When an earlier one ended; 0 for none.
    function guardianUntil(
        bytes32 contentHash,
        uint40 suspendedUntil,
        uint40 durationSeconds,
        uint256 timestamp
    ) internal pure returns (uint40) {
        require(suspendedUntil == 0, IDecoderRegistry.GuardianSuspensionUsed(contentHash));
        require(
            durationSeconds != 0 && durationSeconds <= GUARDIAN_SUSPENSION_SECONDS_MAX,
            IDecoderRegistry.SuspensionDurationInvalid(durationSeconds, GUARDIAN_SUSPENSION_SECONDS_MAX)
        );
        return uint40(timestamp) + durationSeconds;
    }

    function _byGrace(uint40 graceEnds, uint256 timestamp) private pure returns (IDecoderRegistry.DecoderStatus) {
        if (graceEnds == 0) return LISTED;
        return timestamp < graceEnds ? DEPRECATED : RETIRED;
    }
}
