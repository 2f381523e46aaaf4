// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IManufacturerRegistry} from "../../contracts/registry/IManufacturerRegistry.sol";
import {LicenceStates} from "../../contracts/registry/LicenceStates.sol";

/// @title One step of a licence from any state at any time; see README.md for why one step is enough
contract Licence {
    IManufacturerRegistry.LicenceStatus private constant NONE = IManufacturerRegistry.LicenceStatus.None;
    IManufacturerRegistry.LicenceStatus private constant GRANTED = IManufacturerRegistry.LicenceStatus.Granted;
    IManufacturerRegistry.LicenceStatus private constant ACTIVE = IManufacturerRegistry.LicenceStatus.Active;
    IManufacturerRegistry.LicenceStatus private constant SUSPENDED = IManufacturerRegistry.LicenceStatus.Suspended;
    IManufacturerRegistry.LicenceStatus private constant REVOKED = IManufacturerRegistry.LicenceStatus.Revoked;
    IManufacturerRegistry.LicenceStatus private constant EXITING = IManufacturerRegistry.LicenceStatus.Exiting;
    IManufacturerRegistry.LicenceStatus private constant EXITED = IManufacturerRegistry.LicenceStatus.Exited;

    function revoked(LicenceStates.Step step, uint40 until, bool bonded, bool bondedAfter, uint40 time) external pure {
        IManufacturerRegistry.LicenceStatus now_ = LicenceStates.current(REVOKED, until, bonded, time);
        IManufacturerRegistry.LicenceStatus next = LicenceStates.next(step, now_, bondedAfter, until != 0);
        /// Proves: a revoked licence stays revoked
        assert(now_ == REVOKED && (next == NONE || next == REVOKED));
    }

    function exited(LicenceStates.Step step, uint40 until, bool bonded, bool bondedAfter, uint40 time) external pure {
        require(until != 0 && time >= until);
        IManufacturerRegistry.LicenceStatus now_ = LicenceStates.current(EXITING, until, bonded, time);
        /// Proves: an exited licence stays exited
        assert(now_ == EXITED && LicenceStates.next(step, now_, bondedAfter, true) == NONE);
    }

    function ended(bool bonded) external pure {
        /// Proves: a fleet never counts once its licence is revoked or exited
        assert(!LicenceStates.counts(REVOKED, bonded) && !LicenceStates.counts(EXITED, bonded));
    }

    function active(
        LicenceStates.Step step,
        IManufacturerRegistry.LicenceStatus now_,
        bool bonded,
        bool bondedAfter,
        bool temporary
    ) external pure {
        require(now_ != ACTIVE || bonded);
        require(step == LicenceStates.Step.Slash || step == LicenceStates.Step.PostBond || bondedAfter == bonded);
        /// Proves: a licence becomes and stays active only with its whole bond
        assert(LicenceStates.next(step, now_, bondedAfter, temporary) != ACTIVE || bondedAfter);
    }

    function activeByTime(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        bool bonded,
        uint40 time
    ) external pure {
        require(stored != ACTIVE || bonded);
        /// Proves: time alone makes no licence active that lacks its bond
        assert(LicenceStates.current(stored, until, bonded, time) != ACTIVE || bonded);
    }

    function counting(IManufacturerRegistry.LicenceStatus now_, bool bonded) external pure {
        require(now_ != ACTIVE || bonded);
        /// Proves: a fleet counts while its licence is active, or exiting with its whole bond, and only then
        assert(LicenceStates.counts(now_, bonded) == ((now_ == ACTIVE || now_ == EXITING) && bonded));
    }

    function stopped(
        IManufacturerRegistry.LicenceStatus now_,
        bool bonded,
        bool temporary,
        bool byGuardian
    ) external pure {
        LicenceStates.Step step = byGuardian ? LicenceStates.Step.GuardianSuspend : LicenceStates.Step.Suspend;
        IManufacturerRegistry.LicenceStatus next = LicenceStates.next(step, now_, bonded, temporary);
        bool running = LicenceStates.counts(now_, bonded);
        /// Proves: every fleet that counts can be stopped in one step
        assert((next == NONE || !LicenceStates.counts(next, bonded)) && (!running || next == SUSPENDED));
    }

    function guardianOnce(uint256 id, bool used, uint40 durationSeconds, uint40 time) external pure {
        uint40 until = LicenceStates.guardianUntil(id, used, durationSeconds, time);
        /// Proves: a guardian suspends a licence once, from now on and for 14 days at most
        assert(!used && until > time && until <= uint256(time) + 14 days);
    }

    function guardianEnds(uint40 until, uint40 time, uint40 later, bool bonded) external pure {
        // What guardianUntil returns, by guardianOnce.
        require(until > time && until <= uint256(time) + LicenceStates.GUARDIAN_SUSPENSION_SECONDS_MAX);
        require(later >= uint256(time) + 14 days);
        IManufacturerRegistry.LicenceStatus then = LicenceStates.current(SUSPENDED, until, bonded, later);
        /// Proves: a guardian's suspension is over after 14 days, and what was before is back
        assert(then == (bonded ? ACTIVE : GRANTED));
    }

    function lasting(LicenceStates.Step step, bool bonded, bool bondedAfter, uint40 time) external pure {
        IManufacturerRegistry.LicenceStatus now_ = LicenceStates.current(SUSPENDED, 0, bonded, time);
        IManufacturerRegistry.LicenceStatus next = LicenceStates.next(step, now_, bondedAfter, false);
        bool byVote = step == LicenceStates.Step.Reinstate || step == LicenceStates.Step.Revoke;
        /// Proves: a suspension by vote ends by vote only
        assert(now_ == SUSPENDED && (next == NONE || next == SUSPENDED || byVote));
    }

    function bondHeld(IManufacturerRegistry.LicenceStatus stored, uint40 endedAt, uint40 time) external pure {
        uint40 until = endedAt + LicenceStates.EXIT_PERIOD_SECONDS;
        /// Proves: a bond is held for 180 days after exit or revocation
        assert(!LicenceStates.isBondFree(stored, until, time) || time >= uint256(endedAt) + 180 days);
    }

    function bondFree(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        bool bonded,
        uint40 time
    ) external pure {
        require(until != 0);
        bool counts = LicenceStates.counts(LicenceStates.current(stored, until, bonded, time), bonded);
        /// Proves: no fleet counts whose bond is free to go
        assert(!LicenceStates.isBondFree(stored, until, time) || !counts);
    }

    function history(
        IManufacturerRegistry.LicenceStatus stored,
        uint40 until,
        bool bonded,
        uint40 moment
    ) external pure {
        // What the registry stores: exits and revocations have an end, suspensions may have one.
        require(until != 0 || (stored != EXITING && stored != REVOKED));
        require(until == 0 || (stored != ACTIVE && stored != GRANTED));
        IManufacturerRegistry.LicenceStatus then = LicenceStates.current(stored, until, bonded, moment);
        uint208 packed = LicenceStates.pack(stored, until, bonded);
        /// Proves: the history says of every moment what stood then
        assert(LicenceStates.countedAt(packed, moment) == LicenceStates.counts(then, bonded));
    }

    function bondReadLazily(IManufacturerRegistry.LicenceStatus stored, uint40 time) external pure {
        /// Proves: a status without an end does not depend on the bond
        assert(LicenceStates.current(stored, 0, true, time) == LicenceStates.current(stored, 0, false, time));
    }
}
