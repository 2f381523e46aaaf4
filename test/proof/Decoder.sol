// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDecoderRegistry} from "../../contracts/registry/IDecoderRegistry.sol";
import {DecoderStates} from "../../contracts/registry/DecoderStates.sol";

/// @title One step of a decoder from any state at any time; see README.md for why one step is enough
contract Decoder {
    IDecoderRegistry.DecoderStatus private constant NONE = IDecoderRegistry.DecoderStatus.None;
    IDecoderRegistry.DecoderStatus private constant LISTED = IDecoderRegistry.DecoderStatus.Listed;
    IDecoderRegistry.DecoderStatus private constant DEPRECATED = IDecoderRegistry.DecoderStatus.Deprecated;
    IDecoderRegistry.DecoderStatus private constant RETIRED = IDecoderRegistry.DecoderStatus.Retired;
    IDecoderRegistry.DecoderStatus private constant SUSPENDED = IDecoderRegistry.DecoderStatus.Suspended;
    IDecoderRegistry.DecoderStatus private constant REVOKED = IDecoderRegistry.DecoderStatus.Revoked;

    function revoked(DecoderStates.Step step, uint40 suspendedUntil, uint40 graceEnds, uint40 time) external pure {
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(REVOKED, suspendedUntil, graceEnds, time);
        /// Proves: a revoked decoder stays revoked
        assert(now_ == REVOKED && DecoderStates.next(step, now_, graceEnds, time) == NONE);
    }

    function retired(DecoderStates.Step step, uint40 suspendedUntil, uint40 graceEnds, uint40 time) external pure {
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(RETIRED, suspendedUntil, graceEnds, time);
        /// Proves: a retired decoder stays retired
        assert(now_ == RETIRED && DecoderStates.next(step, now_, graceEnds, time) == NONE);
    }

    function ended() external pure {
        /// Proves: a retired, revoked or suspended decoder is not active
        assert(
            !DecoderStates.isActive(RETIRED) && !DecoderStates.isActive(REVOKED) && !DecoderStates.isActive(SUSPENDED)
        );
    }

    function graceOver(
        DecoderStates.Step step,
        bool wasSuspended,
        uint40 suspendedUntil,
        uint40 graceEnds,
        uint40 time
    ) external pure {
        require(graceEnds != 0 && time >= graceEnds);
        IDecoderRegistry.DecoderStatus stored = wasSuspended ? SUSPENDED : DEPRECATED;
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(stored, suspendedUntil, graceEnds, time);
        IDecoderRegistry.DecoderStatus next = DecoderStates.next(step, now_, graceEnds, time);
        /// Proves: once its grace is over, nothing makes a decoder active again
        assert(!DecoderStates.isActive(now_) && !DecoderStates.isActive(next));
    }

    function listedOnce(
        DecoderStates.Step step,
        IDecoderRegistry.DecoderStatus now_,
        uint40 graceEnds,
        uint40 time
    ) external pure {
        IDecoderRegistry.DecoderStatus next = DecoderStates.next(step, now_, graceEnds, time);
        /// Proves: a contentHash is listed once, so its index is given once
        assert(step != DecoderStates.Step.List || (next == NONE) == (now_ != NONE));
    }

    function knownForEver(
        DecoderStates.Step step,
        IDecoderRegistry.DecoderStatus stored,
        uint40 suspendedUntil,
        uint40 graceEnds,
        uint40 time
    ) external pure {
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(stored, suspendedUntil, graceEnds, time);
        bool listing = step == DecoderStates.Step.List;
        /// Proves: nothing but listing leads out of None, and nothing leads back into it
        assert(
            (now_ == NONE) == (stored == NONE) &&
                (now_ != NONE || listing || DecoderStates.next(step, now_, graceEnds, time) == NONE)
        );
    }

    function guardianOnce(
        bytes32 contentHash,
        uint40 suspendedUntil,
        uint40 durationSeconds,
        uint40 time
    ) external pure {
        uint40 until = DecoderStates.guardianUntil(contentHash, suspendedUntil, durationSeconds, time);
        /// Proves: a guardian suspends a decoder once, from now on and for 14 days at most
        assert(suspendedUntil == 0 && until > time && until - time <= 14 days);
    }

    function suspensionOver(uint40 until, uint40 graceEnds, uint40 time, uint40 later) external pure {
        // What guardianUntil returns, by guardianOnce.
        require(until > time && until <= uint256(time) + DecoderStates.GUARDIAN_SUSPENSION_SECONDS_MAX);
        require(later >= uint256(time) + 14 days);
        IDecoderRegistry.DecoderStatus before = graceEnds == 0 ? LISTED : DEPRECATED;
        IDecoderRegistry.DecoderStatus undisturbed = DecoderStates.current(before, 0, graceEnds, later);
        /// Proves: 14 days after a suspension a decoder stands where it would without one
        assert(DecoderStates.current(SUSPENDED, until, graceEnds, later) == undisturbed);
    }

    function suspensionHolds(
        DecoderStates.Step step,
        uint40 suspendedUntil,
        uint40 graceEnds,
        uint40 time
    ) external pure {
        require(time < suspendedUntil);
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(SUSPENDED, suspendedUntil, graceEnds, time);
        bool active = DecoderStates.isActive(DecoderStates.next(step, now_, graceEnds, time));
        /// Proves: until a suspension ends, only reinstating makes a decoder active
        assert(now_ == SUSPENDED && (!active || step == DecoderStates.Step.Reinstate));
    }

    function reinstated(uint40 graceEnds, uint40 time) external pure {
        IDecoderRegistry.DecoderStatus next = DecoderStates.next(
            DecoderStates.Step.Reinstate,
            SUSPENDED,
            graceEnds,
            time
        );
        /// Proves: reinstating now is the same as a suspension that ends now
        assert(next == DecoderStates.current(SUSPENDED, time, graceEnds, time));
    }

    function stopped(IDecoderRegistry.DecoderStatus now_, uint40 graceEnds, uint40 time) external pure {
        require(DecoderStates.isActive(now_));
        bool suspends = DecoderStates.next(DecoderStates.Step.Suspend, now_, graceEnds, time) == SUSPENDED;
        /// Proves: every active decoder can be suspended and revoked
        assert(suspends && DecoderStates.next(DecoderStates.Step.Revoke, now_, graceEnds, time) == REVOKED);
    }

    function graceReadLazily(
        IDecoderRegistry.DecoderStatus stored,
        uint40 suspendedUntil,
        uint40 graceEnds,
        uint40 time
    ) external pure {
        require(stored != SUSPENDED && stored != DEPRECATED);
        IDecoderRegistry.DecoderStatus now_ = DecoderStates.current(stored, suspendedUntil, graceEnds, time);
        /// Proves: a grace period matters to deprecated and suspended decoders only
        assert(now_ == stored && now_ == DecoderStates.current(stored, suspendedUntil, 0, time));
    }
}
