// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";

/// @dev How long a proposal waits for its next step. {GovernorSpendWindow} counts with it too.
uint256 constant EXPIRY_SECONDS = 14 days;

/**
 * @title What voters agreed to is carried out soon or not at all.
 * @dev A proposal expires 14 days after it succeeded without being queued, or 14 days after it could first be executed.
 * TimelockController's own operations never expire; the governor is their only executor.
 */
abstract contract GovernorExpiry is Governor {
    /// @notice How long a proposal waits for its next step, in seconds.
    uint256 public constant EXPIRY = EXPIRY_SECONDS;

    /// @notice The state, with `Expired` for a proposal whose time to be queued or executed is over.
    function state(uint256 proposalId) public view virtual override returns (ProposalState) {
        ProposalState current = super.state(proposalId);
        if (current == ProposalState.Succeeded && clock() > proposalDeadline(proposalId) + EXPIRY) {
            return ProposalState.Expired;
        }
        if (current == ProposalState.Queued && clock() > proposalEta(proposalId) + EXPIRY) {
            return ProposalState.Expired;
        }
        return current;
    }
}
