// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {EXPIRY_SECONDS} from "./GovernorExpiry.sol";

/**
 * @title The spends that may still happen or happened lately, so that one large spend can't pass as several small ones.
 * @dev Counts proposals of level 1 and 2 (one that had to meet level 3 anyway hides nothing). An entry counts from the
 * proposal on, while the proposal is alive, and, once queued and not cancelled, until 30 days after the last second in
 * which it could be executed. So of two spends executed within 30 days of each other, the later proposed one was always
 * weighed together with the other: whoever proposes after an entry stopped counting executes more than 30 days after it.
 *
 * Counting what is only proposed lets a holder of the proposal threshold raise other people's spends to level 3 for as
 * long as its own proposals live. They can still be made, by the majority of level 3; counting passed proposals alone
 * would instead let several proposals that are voted on side by side add up to any sum. For the same reason a full list
 * (32 entries) means level 3.
 */
abstract contract GovernorSpendWindow is Governor {
    /// @dev One proposal that spends.
    struct SpendEntry {
        uint256 proposalId;
        uint256 amount;
    }

    /// @notice How long an executed spend is added up with later ones, at least.
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
    function _recordSpend(uint256 proposalId, uint256 amount) internal {
        uint256 i = 0;
        while (i < _entries.length) {
            if (_counts(_entries[i])) {
                ++i;
            } else {
                _entries[i] = _entries[_entries.length - 1];
                _entries.pop();
            }
        }
        _entries.push(SpendEntry({proposalId: proposalId, amount: amount}));
    }

    function _counts(SpendEntry storage entry) private view returns (bool) {
        uint256 proposalId = entry.proposalId;
        ProposalState current = state(proposalId);
        if (current == ProposalState.Executed) {
            return clock() <= proposalEta(proposalId) + EXPIRY_SECONDS + SPEND_WINDOW;
        }
        return
            current != ProposalState.Canceled && current != ProposalState.Defeated && current != ProposalState.Expired;
    }
}
