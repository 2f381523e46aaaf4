// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title The arithmetic of a stream
 * @notice Pure, so that it can be proven apart from everything else. Amounts are base units, times unix seconds. For
 * terms that are valid: what has accrued never falls with time, is never above the total, and is the total from the end on.
 */
library StreamMath {
    /// @param settled What had accrued when the terms were last changed; part of `total`.
    /// @param total What will have accrued at the end.
    /// @param start From here the rest, `total - settled`, accrues evenly.
    /// @param cliff Before it nothing of the rest counts; at it everything since `start` does.
    /// @param end From here on everything has accrued.
    struct Terms {
        uint128 settled;
        uint128 total;
        uint40 start;
        uint40 cliff;
        uint40 end;
    }

    function isValid(Terms memory terms) internal pure returns (bool) {
        return
            terms.settled <= terms.total &&
            terms.start <= terms.cliff &&
            terms.cliff <= terms.end &&
            terms.start < terms.end;
    }

    /// @notice What has accrued at a time, rounded down.
    function accruedAt(Terms memory terms, uint256 time) internal pure returns (uint128) {
        if (time >= terms.end) return terms.total;
        if (time < terms.cliff) return terms.settled;
        // Below the rest, so it fits.
        return terms.settled + uint128(share(terms.total - terms.settled, time - terms.start, terms.end - terms.start));
    }

    /// @notice What falls to the first `elapsedSeconds` of `spanSeconds`, which are more, rounded down.
    function share(uint128 rest, uint256 elapsedSeconds, uint256 spanSeconds) internal pure returns (uint256) {
        // 128 and 40 bits make 168.
        return (uint256(rest) * elapsedSeconds) / spanSeconds;
    }

    /**
     * @notice New terms from `time` on. What has accrued stays accrued: a total below it becomes it, so that a vote that is
     * carried out later than its author thought takes nothing back and does not fail either.
     * @dev Before the cliff start and cliff stay; from the cliff on the new terms run from `time`. Valid or not is the
     * caller's question.
     */
    function change(
        Terms memory terms,
        uint40 time,
        uint128 total,
        uint40 end
    ) internal pure returns (Terms memory changed) {
        return changeFrom(terms, accruedAt(terms, time), time, total, end);
    }

    /// @dev `change` given what has accrued, apart from the division so that a solver can follow it.
    function changeFrom(
        Terms memory terms,
        uint128 accrued,
        uint40 time,
        uint128 total,
        uint40 end
    ) internal pure returns (Terms memory changed) {
        bool hasBegun = time >= terms.cliff;
        changed = Terms({
            settled: accrued,
            total: total > accrued ? total : accrued,
            start: hasBegun ? time : terms.start,
            cliff: hasBegun ? time : terms.cliff,
            end: end
        });
    }

    /// @notice Terms that end at `time` with what has accrued.
    /// @return cancelled Its total is what has accrued, at any time.
    /// @return freed The rest: accrued and freed together are the total exactly.
    function cancel(Terms memory terms, uint40 time) internal pure returns (Terms memory cancelled, uint128 freed) {
        return cancelFrom(terms, accruedAt(terms, time), time);
    }

    /// @dev `cancel` given what has accrued.
    function cancelFrom(
        Terms memory terms,
        uint128 accrued,
        uint40 time
    ) internal pure returns (Terms memory cancelled, uint128 freed) {
        freed = terms.total - accrued;
        cancelled = Terms({settled: accrued, total: accrued, start: time, cliff: time, end: time});
    }
}
