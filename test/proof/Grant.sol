// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GrantState, GrantStates} from "../../contracts/funding/GrantStates.sol";

/// @title One step of a grant from any state; see README.md for why one step is enough
contract Grant {
    function ended(GrantState from, GrantState to) external pure {
        /// Proves: a grant that has ended never opens again, and never ends twice
        assert(!GrantStates.isEnd(from) || !GrantStates.mayBecome(from, to));
    }

    function opened(GrantState to) external pure {
        /// Proves: a grant starts open, and in no other way
        assert(GrantStates.mayBecome(GrantState.None, to) == (to == GrantState.Open));
    }

    function once(GrantState from, GrantState to) external pure {
        require(GrantStates.mayBecome(from, to));
        /// Proves: a grant is opened once, and nothing leads back to before that
        assert(to != GrantState.None && (to == GrantState.Open) == (from == GrantState.None));
    }

    function open(GrantState to) external pure {
        bool ends = to == GrantState.Completed || to == GrantState.ClawedBack || to == GrantState.Expired;
        /// Proves: an open grant can be completed, clawed back or expire, and nothing else
        assert(GrantStates.mayBecome(GrantState.Open, to) == ends);
    }
}
