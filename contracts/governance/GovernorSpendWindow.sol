// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";

/**
 * @title The spends proposed in the last 30 days, so that one large spend can't pass as several small ones.
 * @dev Counts proposals of level 1 and 2 that are alive or executed; a spend that had to meet level 3 anyway hides
 * nothing. The list is bounded: when it is full of live entries the sum is unbounded, which is level 3.
 */
abstract contract GovernorSpendWindow is Governor {
    /// @dev One proposal that spends.
    struct SpendEntry {
        uint256 proposalId;
        uint48 proposedAt;
        uint208 amount;
    }

    /// @notice How far back spends are added up.
    uint48 public constant SPEND_WINDOW = 30 days;

    uint256 private constant ENTRIES_MAX = 32;

    SpendEntry[] private _entries;

    /// @notice Governance tokens in the window's proposals, or 2^256 - 1 when there are more of them than are counted.
    function spendInWindow() public view returns (uint256 total) {
        uint256 counted = 0;
        for (uint256 i = 0; i < _entries.length; ++i) {
            if (_counts(_entries[i])) {
                total += _entries[i].amount;
                ++counted;
            }
        }
        if (counted == ENTRIES_MAX) return type(uint256).max;
    }

    /// @dev Adds a spend, in the place of entries that no longer count.
    function _recordSpend(uint256 proposalId, uint208 amount) internal {
        uint256 i = 0;
        while (i < _entries.length) {
            if (_counts(_entries[i])) {
                ++i;
            } else {
                _entries[i] = _entries[_entries.length - 1];
                _entries.pop();
            }
        }
        _entries.push(SpendEntry({proposalId: proposalId, proposedAt: clock(), amount: amount}));
    }

    function _counts(SpendEntry storage entry) private view returns (bool) {
        if (clock() - entry.proposedAt > SPEND_WINDOW) return false;
        ProposalState current = state(entry.proposalId);
        return
            current != ProposalState.Canceled && current != ProposalState.Defeated && current != ProposalState.Expired;
    }
}
