// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {GovernanceBase} from "./GovernanceBase.t.sol";

/// @dev What one gets by ticking every box: OpenZeppelin's extensions, one quorum and one majority for everything.
contract StockGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotes,
    GovernorTimelockControl,
    GovernorPreventLateQuorum,
    GovernorProposalGuardian
{
    /// @dev A number that governance sets, as many governors have it: read when asked, not as it was.
    uint256 public votesNeeded = 6_000_000e18;

    constructor(
        IVotes token_,
        TimelockController timelock_,
        address guardian,
        uint48 lateQuorum
    )
        Governor("Stock")
        GovernorSettings(2 days, 7 days, 5_000_000e18)
        GovernorVotes(token_)
        GovernorTimelockControl(timelock_)
        GovernorPreventLateQuorum(lateQuorum)
    {
        _setProposalGuardian(guardian);
    }

    function setVotesNeeded(uint256 votes) external onlyGovernance {
        votesNeeded = votes;
    }

    function quorum(uint256) public view override returns (uint256) {
        return votesNeeded;
    }

    function state(uint256 id) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(id);
    }

    function proposalDeadline(uint256 id) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(id);
    }

    function proposalNeedsQueuing(uint256 id) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(id);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function _tallyUpdated(uint256 id) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(id);
    }

    function _queueOperations(
        uint256 id,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 text
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(id, targets, values, calldatas, text);
    }

    function _executeOperations(
        uint256 id,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 text
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(id, targets, values, calldatas, text);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 text
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, text);
    }

    function _validateCancel(
        uint256 id,
        address caller
    ) internal view override(Governor, GovernorProposalGuardian) returns (bool) {
        return super._validateCancel(id, caller);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}

/// @title The stock governor beside ours, with a timelock of its own and the same voters.
abstract contract StockBase is GovernanceBase {
    StockGovernor internal stock;
    TimelockController internal stockTimelock;

    function setUp() public virtual override {
        super.setUp();
        stockTimelock = new TimelockController(4 days, new address[](0), new address[](0), address(this));
        stock = new StockGovernor(token, stockTimelock, guardian, 2 days);
        stockTimelock.grantRole(stockTimelock.PROPOSER_ROLE(), address(stock));
        stockTimelock.grantRole(stockTimelock.EXECUTOR_ROLE(), address(stock));
        stockTimelock.grantRole(stockTimelock.CANCELLER_ROLE(), address(stock));
    }

    function stockPropose(address proposer, Dip memory dip) internal returns (uint256) {
        vm.prank(proposer);
        return stock.propose(dip.targets, dip.values, dip.calldatas, dip.text);
    }

    function stockVote(address voter, uint256 id, uint8 support) internal {
        vm.prank(voter);
        stock.castVote(id, support);
    }

    function stockToVoting(uint256 id) internal {
        vm.warp(stock.proposalSnapshot(id) + 1);
    }

    function stockToEnd(uint256 id) internal {
        vm.warp(stock.proposalDeadline(id) + 1);
    }

    function stockQueue(Dip memory dip) internal returns (uint256) {
        return stock.queue(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
    }

    function stockExecute(Dip memory dip) internal {
        stock.execute(dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text)));
    }

    /// @dev Proposed by `voter`, who alone votes for it; it waits in the timelock with its delay over.
    function stockCarryToEta(address voter, Dip memory dip) internal returns (uint256 id) {
        id = stockPropose(voter, dip);
        stockToVoting(id);
        stockVote(voter, id, 1);
        stockToEnd(id);
        stockQueue(dip);
        vm.warp(stock.proposalEta(id));
    }

    function assertStock(uint256 id, StockGovernor.ProposalState expected, string memory what) internal view {
        assertEq(uint256(stock.state(id)), uint256(expected), what);
    }
}
