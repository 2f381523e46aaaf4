// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StreakMath} from "../../contracts/rewards/StreakMath.sol";

/// @title One week of a streak of any length under any terms; see README.md for why one step is enough
contract Streak {
    function bounded(StreakMath.Terms memory terms, uint32 connectedWeeks) external pure {
        /// Proves: a level is 0 to 3
        assert(StreakMath.levelOf(terms, connectedWeeks) <= 3);
    }

    function rising(StreakMath.Terms memory terms, StreakMath.Streak memory streak, bool connected) external pure {
        require(StreakMath.isValid(terms));
        StreakMath.Streak memory later = StreakMath.next(terms, streak, connected);
        uint8 level = StreakMath.levelOf(terms, streak.connectedWeeks);
        /// Proves: a week raises a level by one at most
        assert(StreakMath.levelOf(terms, later.connectedWeeks) <= level + 1);
    }

    function falling(StreakMath.Terms memory terms, StreakMath.Streak memory streak, bool connected) external pure {
        require(StreakMath.isValid(terms));
        StreakMath.Streak memory later = StreakMath.next(terms, streak, connected);
        uint8 level = StreakMath.levelOf(terms, streak.connectedWeeks);
        /// Proves: a week costs one level at most
        assert(StreakMath.levelOf(terms, later.connectedWeeks) + 1 >= level);
    }

    function steady(StreakMath.Terms memory terms, StreakMath.Streak memory streak) external pure {
        StreakMath.Streak memory later = StreakMath.next(terms, streak, true);
        /// Proves: a connected week costs nothing, and forgives the missed ones
        assert(later.connectedWeeks >= streak.connectedWeeks && later.missedWeeks == 0);
    }

    function missed(StreakMath.Terms memory terms, StreakMath.Streak memory streak, bool connected) external pure {
        require(StreakMath.isValid(terms));
        /// Proves: missed weeks stay below the number that costs a level
        assert(StreakMath.next(terms, streak, connected).missedWeeks < terms.missedWeeksMax);
    }

    function forgiving(StreakMath.Terms memory terms, StreakMath.Streak memory streak) external pure {
        require(uint256(streak.missedWeeks) + 1 < terms.missedWeeksMax);
        /// Proves: fewer missed weeks than cost a level cost nothing
        assert(StreakMath.next(terms, streak, false).connectedWeeks == streak.connectedWeeks);
    }
}
