// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice See the diagram in IGrants.
enum GrantState {
    None,
    Open,
    Completed,
    ClawedBack,
    Expired
}

/// @title Which state of a grant may follow which
library GrantStates {
    /// @notice A grant is opened once and ended once; an ended one stays as it is.
    function mayBecome(GrantState from, GrantState to) internal pure returns (bool) {
        if (from == GrantState.None) return to == GrantState.Open;
        if (from == GrantState.Open) return isEnd(to);
        return false;
    }

    function isEnd(GrantState state) internal pure returns (bool) {
        return state == GrantState.Completed || state == GrantState.ClawedBack || state == GrantState.Expired;
    }
}
