// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The arithmetic of streams over every amount and time there is: against a slow division, and its promises by name.

import {StreamMath} from "../../../contracts/funding/StreamMath.sol";
import {Base} from "../support/Base.t.sol";

contract StreamMathTest is Base {
    using StreamMath for StreamMath.Terms;

    uint128 private constant AMOUNT_MAX = type(uint128).max;
    uint40 private constant TIME_MAX = type(uint40).max;

    function test_valid_terms_ascend() public pure {
        assertTrue(_terms(0, 0, 0, 0, 1).isValid(), "the least");
        assertTrue(_terms(5, 5, 7, 7, 8).isValid(), "all settled, cliff at the start");
        assertTrue(_terms(4, 5, 7, 8, 8).isValid(), "cliff at the end");
        assertTrue(_terms(0, AMOUNT_MAX, 0, 0, TIME_MAX).isValid(), "the most");
        assertTrue(!_terms(6, 5, 7, 7, 8).isValid(), "more settled than there is");
        assertTrue(!_terms(0, 5, 8, 7, 9).isValid(), "cliff before the start");
        assertTrue(!_terms(0, 5, 7, 9, 8).isValid(), "cliff after the end");
        assertTrue(!_terms(0, 5, 7, 7, 7).isValid(), "no time");
        assertTrue(!_terms(0, 5, 8, 8, 7).isValid(), "backwards");
    }

    function test_accrual_by_the_second() public pure {
        StreamMath.Terms memory terms = _terms(0, 1_000, 100, 130, 400);
        uint256[2][9] memory rows = [
            [uint256(0), 0],
            [uint256(100), 0],
            [uint256(129), 0],
            [uint256(130), 100],
            [uint256(131), 103],
            [uint256(250), 500],
            [uint256(399), 996],
            [uint256(400), 1_000],
            [type(uint256).max, 1_000]
        ];
        for (uint256 i = 0; i < rows.length; ++i) assertEq(terms.accruedAt(rows[i][0]), rows[i][1], "accrued");
        terms.settled = 400;
        assertEq(terms.accruedAt(99), 400, "settled, before the cliff");
        assertEq(terms.accruedAt(130), 460, "settled, and a tenth of the rest");
        assertEq(terms.accruedAt(400), 1_000, "settled is part of the total");
    }

    function test_the_largest_stream_does_not_overflow() public pure {
        StreamMath.Terms memory terms = _terms(0, AMOUNT_MAX, 0, 0, TIME_MAX);
        assertEq(
            terms.accruedAt(TIME_MAX - 1),
            (uint256(AMOUNT_MAX) * (uint256(TIME_MAX) - 1)) / TIME_MAX,
            "a second short"
        );
        assertEq(terms.accruedAt(TIME_MAX), AMOUNT_MAX, "whole");
    }

    function testFuzz_accrual_agrees_with_long_division(
        uint128 a,
        uint128 b,
        uint40 c,
        uint40 d,
        uint40 e,
        uint40 time
    ) public pure {
        StreamMath.Terms memory terms = _valid(a, b, c, d, e);
        assertEq(terms.accruedAt(time), _slowly(terms, time), "accrued");
    }

    function testFuzz_accrual_never_falls_and_ends_at_the_total(
        uint128 a,
        uint128 b,
        uint40 c,
        uint40 d,
        uint40 e,
        uint40 first,
        uint40 second
    ) public pure {
        StreamMath.Terms memory terms = _valid(a, b, c, d, e);
        (uint40 early, uint40 late) = first < second ? (first, second) : (second, first);
        uint256 before = terms.accruedAt(early);
        uint256 later = terms.accruedAt(late);
        assertTrue(before <= later, "monotone");
        assertTrue(later <= terms.total, "bounded");
        assertTrue(before >= terms.settled, "what is settled stays");
        assertEq(terms.accruedAt(terms.end), terms.total, "whole at the end");
    }

    function testFuzz_a_cancelled_stream_is_split_exactly(
        uint128 a,
        uint128 b,
        uint40 c,
        uint40 d,
        uint40 e,
        uint40 time,
        uint40 later
    ) public pure {
        StreamMath.Terms memory terms = _valid(a, b, c, d, e);
        (StreamMath.Terms memory cancelled, uint128 freed) = terms.cancel(time);
        assertEq(uint256(cancelled.total) + freed, terms.total, "exact");
        assertEq(cancelled.total, terms.accruedAt(time), "what had accrued");
        assertEq(cancelled.settled, cancelled.total, "all of it settled");
        assertEq(cancelled.accruedAt(later), cancelled.total, "for good");
        assertEq(cancelled.accruedAt(time), cancelled.total, "from the same second on");
        assertEq(cancelled.start, time, "start");
        assertEq(cancelled.cliff, time, "cliff");
        assertEq(cancelled.end, time, "end");
    }

    function testFuzz_a_change_takes_nothing_that_has_accrued(
        uint128 a,
        uint128 b,
        uint40 c,
        uint40 d,
        uint40 e,
        uint40 time,
        uint128 total,
        uint40 end
    ) public pure {
        StreamMath.Terms memory terms = _valid(a, b, c, d, e);
        // Before its cliff no stream has anything settled: see test_before_the_cliff_start_and_cliff_stay.
        if (time < terms.cliff) terms.settled = 0;
        StreamMath.Terms memory changed = terms.change(time, total, end);
        uint256 accrued = terms.accruedAt(time);
        assertEq(changed.settled, accrued, "settled");
        assertEq(changed.total, total > accrued ? total : accrued, "the total asked for, or what accrued");
        assertEq(changed.end, end, "end");
        if (!changed.isValid()) return;
        if (end > time) assertEq(changed.accruedAt(time), accrued, "no jump");
        assertEq(changed.accruedAt(end), changed.total, "whole at the new end");
    }

    function test_before_the_cliff_start_and_cliff_stay() public pure {
        StreamMath.Terms memory terms = _terms(0, 1_000, 100, 130, 400);
        StreamMath.Terms memory changed = terms.change(129, 2_000, 500);
        assertEq(changed.start, 100, "start");
        assertEq(changed.cliff, 130, "cliff");
        assertEq(changed.settled, 0, "settled");
        assertEq(changed.accruedAt(130), 150, "the new rate from the start");
        changed = terms.change(130, 2_000, 500);
        assertEq(changed.start, 130, "start at the cliff");
        assertEq(changed.cliff, 130, "cliff at the cliff");
        assertEq(changed.settled, 100, "settled at the cliff");
    }

    function _terms(
        uint128 settled,
        uint128 total,
        uint40 start,
        uint40 cliff,
        uint40 end
    ) private pure returns (StreamMath.Terms memory) {
        return StreamMath.Terms({settled: settled, total: total, start: start, cliff: cliff, end: end});
    }

    /// @dev Sorts what was fuzzed into valid terms.
    function _valid(
        uint128 a,
        uint128 b,
        uint40 c,
        uint40 d,
        uint40 e
    ) private pure returns (StreamMath.Terms memory terms) {
        if (a > b) (a, b) = (b, a);
        if (c > d) (c, d) = (d, c);
        if (d > e) (d, e) = (e, d);
        if (c > d) (c, d) = (d, c);
        if (c == e) (c, d, e) = e == 0 ? (0, 0, 1) : (e - 1, e, e);
        terms = _terms(a, b, c, d, e);
        assertTrue(terms.isValid(), "sorted");
    }

    /// @dev The same by school: the product by adding, the quotient bit by bit.
    function _slowly(StreamMath.Terms memory terms, uint256 time) private pure returns (uint256 quotient) {
        if (time < terms.cliff) return terms.settled;
        if (time > terms.end) time = terms.end;
        uint256 product = 0;
        for (uint256 bit = 0; bit < 40; ++bit) {
            if (((time - terms.start) >> bit) & 1 == 1) product += uint256(terms.total - terms.settled) << bit;
        }
        uint256 divisor = terms.end - terms.start;
        uint256 remainder = 0;
        for (uint256 bit = 168; bit > 0; --bit) {
            remainder = (remainder << 1) | ((product >> (bit - 1)) & 1);
            quotient <<= 1;
            if (remainder >= divisor) {
                remainder -= divisor;
                quotient |= 1;
            }
        }
        quotient += terms.settled;
    }
}
