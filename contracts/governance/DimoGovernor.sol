// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingFractional} from "@openzeppelin/contracts/governance/extensions/GovernorCountingFractional.sol";
import {GovernorNoncesKeyed} from "@openzeppelin/contracts/governance/extensions/GovernorNoncesKeyed.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {GovernorCodePin} from "./GovernorCodePin.sol";
import {GovernorExpiry} from "./GovernorExpiry.sol";
import {GovernorLateSwing} from "./GovernorLateSwing.sol";
import {GovernorLevels} from "./GovernorLevels.sol";
import {GovernorOneLiveProposal} from "./GovernorOneLiveProposal.sol";
import {GovernorTermedGuardian} from "./GovernorTermedGuardian.sol";

/**
 * @title The holders' vote: propose, wait 2 days, vote 7 days, queue, wait 4 days in the timelock, execute.
 * @dev Each ability is an extension of its own; this contract only puts them in order. GovernorSettings stands before
 * GovernorPreventLateQuorum because the latter's constructor reads the voting period.
 */
contract DimoGovernor is
    GovernorSettings,
    GovernorLevels,
    GovernorPreventLateQuorum,
    GovernorLateSwing,
    GovernorTimelockControl,
    GovernorTermedGuardian,
    GovernorNoncesKeyed,
    GovernorOneLiveProposal,
    GovernorCodePin,
    GovernorExpiry
{
    /**
     * @param token_ The governance token.
     * @param timelock_ Where passed proposals wait and from where they are executed.
     * @param guardian May cancel proposals for a year; zero for none.
     * @param rules What isn't listed here is level 3.
     */
    constructor(
        IVotes token_,
        TimelockController timelock_,
        address guardian,
        ActionRuleEntry[] memory rules
    )
        Governor("DimoGovernor")
        GovernorSettings(2 days, 7 days, 5_000_000e18)
        GovernorVotes(token_)
        GovernorTimelockControl(timelock_)
        GovernorLevels(rules)
        GovernorPreventLateQuorum(2 days)
        GovernorTermedGuardian(guardian)
    {}

    /// @notice The token's clock, without asking the token: it counts by timestamp for good.
    function clock() public view override(Governor, GovernorVotes) returns (uint48) {
        return Time.timestamp();
    }

    // What follows only names the bases whose order the compiler asks for.

    /// @inheritdoc Governor
    function state(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl, GovernorExpiry) returns (ProposalState) {
        return super.state(proposalId);
    }

    /// @inheritdoc Governor
    function proposalDeadline(
        uint256 proposalId
    ) public view override(Governor, GovernorPreventLateQuorum, GovernorLateSwing) returns (uint256) {
        return super.proposalDeadline(proposalId);
    }

    /// @inheritdoc Governor
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @inheritdoc Governor
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    /// @inheritdoc Governor
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override(Governor, GovernorTermedGuardian) returns (uint256) {
        return super.cancel(targets, values, calldatas, descriptionHash);
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override(Governor, GovernorLevels, GovernorOneLiveProposal) returns (uint256) {
        return super._propose(targets, values, calldatas, description, proposer);
    }

    function _countVote(
        uint256 proposalId,
        address account,
        uint8 support,
        uint256 totalWeight,
        bytes memory params
    ) internal override(Governor, GovernorCountingFractional, GovernorLateSwing) returns (uint256) {
        return super._countVote(proposalId, account, support, totalWeight, params);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _quorumReached(
        uint256 proposalId
    ) internal view override(Governor, GovernorCountingFractional, GovernorLevels) returns (bool) {
        return super._quorumReached(proposalId);
    }

    function _voteSucceeded(
        uint256 proposalId
    ) internal view override(Governor, GovernorCountingFractional, GovernorLevels) returns (bool) {
        return super._voteSucceeded(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl, GovernorCodePin) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _validateCancel(
        uint256 proposalId,
        address caller
    ) internal view override(Governor, GovernorTermedGuardian) returns (bool) {
        return super._validateCancel(proposalId, caller);
    }

    function _useCheckedNonce(address owner, uint256 nonce) internal override(Nonces, GovernorNoncesKeyed) {
        super._useCheckedNonce(owner, nonce);
    }

    function _validateVoteSig(
        uint256 proposalId,
        uint8 support,
        address voter,
        bytes memory signature
    ) internal override(Governor, GovernorNoncesKeyed) returns (bool) {
        return super._validateVoteSig(proposalId, support, voter, signature);
    }

    function _validateExtendedVoteSig(
        uint256 proposalId,
        uint8 support,
        address voter,
        string memory reason,
        bytes memory params,
        bytes memory signature
    ) internal override(Governor, GovernorNoncesKeyed) returns (bool) {
        return super._validateExtendedVoteSig(proposalId, support, voter, reason, params, signature);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
