// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Streaks: what steady weeks are worth
 * @notice A vehicle's streak starts at nothing and takes one step a week. A connected week adds one; missed weeks leave
 * it alone until `missedWeeksMax` of them came in a row: then it falls to the bottom of the level below.
 */
library StreakMath {
    /// @param connectedWeeks Weeks in which the vehicle was connected, less what it lost by missing some.
    /// @param missedWeeks Weeks missed in a row since the last connected one, or since the last fall.
    struct Streak {
        uint32 connectedWeeks;
        uint8 missedWeeks;
    }

    /// @param weeksMin1 Connected weeks from which a streak is of level 1; and so on.
    /// @param missedWeeksMax Missed weeks in a row that cost a level.
    struct Terms {
        uint32 weeksMin1;
        uint32 weeksMin2;
        uint32 weeksMin3;
        uint8 missedWeeksMax;
    }

    /// @return Whether the levels lie apart, and a single week costs or gives nothing by accident.
    function isValid(Terms memory terms) internal pure returns (bool) {
        return
            terms.weeksMin1 != 0 &&
            terms.weeksMin1 < terms.weeksMin2 &&
            terms.weeksMin2 < terms.weeksMin3 &&
            terms.missedWeeksMax != 0;
    }

    /// @return 0 to 3.
    function levelOf(Terms memory terms, uint32 connectedWeeks) internal pure returns (uint8) {
        if (connectedWeeks >= terms.weeksMin3) return 3;
        if (connectedWeeks >= terms.weeksMin2) return 2;
        return connectedWeeks >= terms.weeksMin1 ? 1 : 0;
    }

    /// @return The least connected weeks of the level below that of `connectedWeeks`; of level 0 where there is none.
    function bottomBelow(Terms memory terms, uint32 connectedWeeks) internal pure returns (uint32) {
        uint8 level = levelOf(terms, connectedWeeks);
        if (level == 3) return terms.weeksMin2;
        return level == 2 ? terms.weeksMin1 : 0;
    }

    /// @notice One week further.
    function next(Terms memory terms, Streak memory streak, bool connected) internal pure returns (Streak memory) {
        if (connected) {
            // The longest streak stays where it is: 80 million years.
            bool full = streak.connectedWeeks == type(uint32).max;
            return Streak(full ? streak.connectedWeeks : streak.connectedWeeks + 1, 0);
        }
        // Compared by subtraction, so that terms which a vote made stricter can't be passed by, nor 255 overflow.
        if (streak.missedWeeks >= terms.missedWeeksMax - 1) return Streak(bottomBelow(terms, streak.connectedWeeks), 0);
        return Streak(streak.connectedWeeks, streak.missedWeeks + 1);
    }
}
