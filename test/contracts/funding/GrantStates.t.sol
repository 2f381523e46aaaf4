// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Every pair of states.

import {GrantState as S, GrantStates} from "../../../contracts/funding/GrantStates.sol";
import {Base} from "../support/Base.t.sol";

contract GrantStatesTest is Base {
    function test_a_grant_opens_once_and_ends_once() public pure {
        uint256 allowed = 0;
        for (uint8 from = 0; from <= uint8(type(S).max); ++from) {
            for (uint8 to = 0; to <= uint8(type(S).max); ++to) {
                if (GrantStates.mayBecome(S(from), S(to))) ++allowed;
            }
        }
        assertEq(allowed, 4, "these four and no other");
        assertTrue(GrantStates.mayBecome(S.None, S.Open), "opened");
        assertTrue(GrantStates.mayBecome(S.Open, S.Completed), "completed");
        assertTrue(GrantStates.mayBecome(S.Open, S.ClawedBack), "clawed back");
        assertTrue(GrantStates.mayBecome(S.Open, S.Expired), "expired");
    }

    function test_three_states_are_ends() public pure {
        assertTrue(!GrantStates.isEnd(S.None), "none");
        assertTrue(!GrantStates.isEnd(S.Open), "open");
        assertTrue(GrantStates.isEnd(S.Completed), "completed");
        assertTrue(GrantStates.isEnd(S.ClawedBack), "clawed back");
        assertTrue(GrantStates.isEnd(S.Expired), "expired");
    }
}
