// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";

/// @title One proposal at a time for each proposer, so that voters aren't flooded.
abstract contract GovernorOneLiveProposal is Governor {
    mapping(address proposer => uint256) private _latest;

    /// @dev The proposer's earlier proposal is pending or being voted on.
    error GovernorProposerBusy(address proposer, uint256 proposalId);

    /// @notice The proposer's latest proposal, or 0.
    function latestProposal(address proposer) public view returns (uint256) {
        return _latest[proposer];
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal virtual override returns (uint256 proposalId) {
        uint256 earlier = _latest[proposer];
        // The deadline is asked first, because the state of a vote that is over costs counting it once more.
        if (earlier != 0 && clock() <= proposalDeadline(earlier) && state(earlier) != ProposalState.Canceled) {
            revert GovernorProposerBusy(proposer, earlier);
        }
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        _latest[proposer] = proposalId;
    }
}
