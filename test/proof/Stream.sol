// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StreamMath} from "../../contracts/funding/StreamMath.sol";

/// @title One step of a stream, whatever has accrued up to it; see README.md for why one step is enough
contract Stream {
    function cancelled(StreamMath.Terms memory terms, uint128 accrued, uint40 time) external pure {
        (StreamMath.Terms memory then, uint128 freed) = StreamMath.cancelFrom(terms, accrued, time);
        /// Proves: a cancelled stream keeps what has accrued and frees the rest, to the last unit
        assert(then.total == accrued && uint256(accrued) + freed == terms.total);
    }

    function stopped(StreamMath.Terms memory terms, uint128 accrued, uint40 time) external pure {
        (StreamMath.Terms memory then, ) = StreamMath.cancelFrom(terms, accrued, time);
        /// Proves: nothing accrues in a cancelled stream, nor is anything lost
        assert(then.settled == then.total && then.start == time && then.cliff == time && then.end == time);
    }

    function changed(
        StreamMath.Terms memory terms,
        uint128 accrued,
        uint40 time,
        uint128 total,
        uint40 end
    ) external pure {
        StreamMath.Terms memory then = StreamMath.changeFrom(terms, accrued, time, total, end);
        /// Proves: new terms settle what has accrued, and their total is never below that
        assert(then.settled == accrued && then.total == (total > accrued ? total : accrued));
    }

    function unchanged(
        StreamMath.Terms memory terms,
        uint128 accrued,
        uint40 time,
        uint128 total,
        uint40 end
    ) external pure {
        StreamMath.Terms memory then = StreamMath.changeFrom(terms, accrued, time, total, end);
        /// Proves: new terms run from now on, or before the cliff from where the old ones did
        assert(
            time < terms.cliff
                ? then.start == terms.start && then.cliff == terms.cliff
                : then.start == time && then.cliff == time
        );
    }
    function shared(uint128 rest, uint40 elapsedSeconds, uint40 spanSeconds) external pure {
        require(elapsedSeconds < spanSeconds);
        /// Proves: no more than the rest accrues
        assert(StreamMath.share(rest, elapsedSeconds, spanSeconds) <= rest);
    }
}
