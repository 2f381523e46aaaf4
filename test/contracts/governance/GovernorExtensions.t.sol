// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {GovernorCodePin} from "../../../contracts/governance/GovernorCodePin.sol";
import {GovernorOneLiveProposal} from "../../../contracts/governance/GovernorOneLiveProposal.sol";
import {GovernorTermedGuardian} from "../../../contracts/governance/GovernorTermedGuardian.sol";
import {GovernanceBase, IDimoGovernor, Sink} from "../support/GovernanceBase.t.sol";

/// @title Late votes, expiry, pinned code, the guardian, and one live proposal for each proposer.
contract GovernorExtensionsTest is GovernanceBase {
    // A late swing moves the deadline.

    function test_WhaleFlipBeforeTheEndIsAnswered() public {
        Dip memory dip = light(1);
        uint256 id = propose(alice, dip);
        toVoting(id);
        vote(alice, id, 0);
        vm.warp(governor.proposalDeadline(id) - 5);
        vote(whale, id, 1);
        assertEq(governor.proposalDeadline(id), block.timestamp + 2 days, "two more days");
        vm.warp(block.timestamp + 2 days - 1);
        vote(bob, id, 0);
        vote(carol, id, 0);
        assertEq(governor.proposalDeadline(id), block.timestamp + 2 days, "turned again");
        toEnd(id);
        assertState(id, IGovernor.ProposalState.Defeated, "100 M each");
    }

    function test_EarlySwingsMoveNothing() public {
        uint256 id = propose(alice, light(1));
        uint256 deadline = governor.proposalDeadline(id);
        toVoting(id);
        vote(alice, id, 1);
        vote(whale, id, 0);
        assertEq(governor.proposalDeadline(id), deadline, "early");
    }

    function test_LateVotesThatTurnNothingMoveNothing() public {
        uint256 id = propose(alice, light(1));
        uint256 deadline = governor.proposalDeadline(id);
        toVoting(id);
        vote(whale, id, 1);
        vm.warp(deadline - 5);
        vote(alice, id, 1);
        vote(bob, id, 0);
        assertEq(governor.proposalDeadline(id), deadline, "the outcome stands");
    }

    function test_SwingsAreBounded() public {
        uint256 id = propose(alice, light(1));
        uint256 deadline = governor.proposalDeadline(id);
        toVoting(id);
        vote(alice, id, 1);
        uint256 lead = 40 * M;
        bool against = true;
        for (uint256 i = 0; i < 6; ++i) {
            vm.warp(governor.proposalDeadline(id));
            uint256 weight = lead + 1 - (i == 0 ? 0 : lead - 1);
            fraction(whale, id, against ? weight : 0, against ? 0 : weight);
            (lead, against) = (1, !against);
        }
        assertEq(governor.proposalDeadline(id), deadline + 6 days, "three times two days");
    }

    function fraction(address voter, uint256 id, uint256 against, uint256 inFavour) private {
        bytes memory params = abi.encodePacked(uint128(against), uint128(inFavour), uint128(0));
        vm.prank(voter);
        governor.castVoteWithReasonAndParams(id, 255, "", params);
    }

    function test_LateQuorumIsAnswered() public {
        uint256 id = propose(alice, heavy(1));
        vm.warp(governor.proposalDeadline(id) - 5);
        vote(whale, id, 1);
        assertEq(governor.proposalDeadline(id), block.timestamp + 2 days, "two more days");
    }

    // Expiry.

    function test_UnqueuedExpires() public {
        Dip memory dip = light(1);
        uint256 id = propose(alice, dip);
        toVoting(id);
        vote(whale, id, 1);
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline + 14 days);
        assertState(id, IGovernor.ProposalState.Succeeded, "on the last second");
        vm.warp(deadline + 14 days + 1);
        assertState(id, IGovernor.ProposalState.Expired, "after it");
        bytes32 succeeded = bytes32(uint256(1) << uint8(IGovernor.ProposalState.Succeeded));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                id,
                IGovernor.ProposalState.Expired,
                succeeded
            )
        );
        queue(dip);
    }

    function test_UnexecutedExpires() public {
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        uint256 eta = governor.proposalEta(id);
        vm.warp(eta + 14 days);
        assertState(id, IGovernor.ProposalState.Queued, "on the last second");
        vm.warp(eta + 14 days + 1);
        assertState(id, IGovernor.ProposalState.Expired, "after it");
        vm.expectRevert();
        execute(dip);
        assertEq(sink.last(), 0, "nothing happened");
    }

    // Pinned code.

    function test_ChangedTargetIsNotCalled() public {
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        bytes memory code = address(sink).code;
        vm.etch(address(sink), hex"00");
        bytes24 found = bytes24(keccak256(abi.encodePacked(keccak256(hex"00"))));
        bytes24 pinned = governor.proposalTerms(id).codeHash;
        vm.expectRevert(abi.encodeWithSelector(GovernorCodePin.GovernorTargetCodeChanged.selector, id, pinned, found));
        execute(dip);
        vm.etch(address(sink), code);
        execute(dip);
    }

    function test_AnyTargetOfABatchIsPinned() public {
        Sink second = new Sink();
        Dip memory dip = and(light(1), address(second), abi.encodeCall(Sink.light, (2)));
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.etch(address(second), "");
        vm.expectRevert();
        execute(dip);
    }

    /// @dev An account's code hash changes from 0 when it first receives ether; that must not block a payment to it.
    function test_AGiftDoesNotBlockAPayment() public {
        address payable payee = payable(account("payee"));
        vm.deal(address(timelock), 1 ether);
        Dip memory dip = one(payee, "", "pay");
        dip.values[0] = 1 ether;
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.deal(payee, 1);
        execute(dip);
        assertEq(payee.balance, 1 ether + 1, "paid");
    }

    // The guardian.

    function test_GuardianCancelsAtAnyTime() public {
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        cancel(guardian, dip);
        assertState(id, IGovernor.ProposalState.Canceled, "cancelled in the queue");
    }

    function test_GuardianDoesNothingElse() public {
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, guardian, 0, 5 * M)
        );
        propose(guardian, light(1));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, guardian));
        vm.prank(guardian);
        governor.setProposalGuardian(guardian);
    }

    function test_GuardianExpires() public {
        vm.warp(governor.proposalGuardianUntil() + 1);
        assertEq(governor.proposalGuardian(), address(0), "gone");
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, guardian));
        cancel(guardian, dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, address(0)));
        cancel(address(0), dip);
    }

    function test_GuardianCannotCancelItsReplacement() public {
        Dip memory dip = one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (bob)), "replace");
        uint256 id = propose(alice, dip);
        vm.expectRevert(abi.encodeWithSelector(GovernorTermedGuardian.GovernorGuardianReplacement.selector, id));
        cancel(guardian, dip);
        toVoting(id);
        vote(whale, id, 1);
        toEnd(id);
        queue(dip);
        vm.warp(governor.proposalEta(id));
        execute(dip);
        assertEq(governor.proposalGuardian(), bob, "replaced");
        assertEq(governor.proposalGuardianUntil(), block.timestamp + 365 days, "for a year");
    }

    /// @dev Else every attack would carry the replacement as a shield.
    function test_AReplacementAmongOtherActionsIsNoShield() public {
        bytes memory replacement = abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(0)));
        Dip memory last = and(heavy(1), address(governor), replacement);
        uint256 id = propose(alice, last);
        cancel(guardian, last);
        assertState(id, IGovernor.ProposalState.Canceled, "at the end");

        Dip memory first = and(
            one(address(governor), replacement, "first"),
            address(sink),
            abi.encodeCall(Sink.heavy, (1))
        );
        id = propose(alice, first);
        cancel(guardian, first);
        assertState(id, IGovernor.ProposalState.Canceled, "at the beginning");
    }

    /// @dev The stock extension lets the proposer cancel a queued proposal when there is no guardian.
    function test_WithoutGuardianTheProposerCannotCancelLate() public {
        carry(one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(0))), "none"));
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, alice));
        cancel(alice, dip);
    }

    function test_ProposerCancelsWhilePending() public {
        Dip memory dip = light(1);
        uint256 id = propose(alice, dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, bob));
        cancel(bob, dip);
        cancel(alice, dip);
        assertState(id, IGovernor.ProposalState.Canceled, "cancelled");
    }

    // One live proposal for each proposer.

    function test_OneLiveProposal() public {
        uint256 first = propose(alice, light(1));
        vm.expectRevert(abi.encodeWithSelector(GovernorOneLiveProposal.GovernorProposerBusy.selector, alice, first));
        propose(alice, light(2));
        propose(bob, light(2));
        toVoting(first);
        vm.expectRevert(abi.encodeWithSelector(GovernorOneLiveProposal.GovernorProposerBusy.selector, alice, first));
        propose(alice, light(3));
        toEnd(first);
        assertEq(governor.latestProposal(alice), first, "remembered");
        propose(alice, light(3));
    }

    // Governance can't be tricked into running a call on itself that no proposal named.

    function test_OnlyProposalsChangeTheGovernor() public {
        vm.expectRevert();
        vm.prank(address(timelock));
        governor.setVotingDelay(0);
        vm.expectRevert();
        governor.setLevelTerms(1, 5_000, 1);
        carry(one(address(governor), abi.encodeCall(IDimoGovernor.setVotingDelay, (1 days)), "delay"));
        assertEq(governor.votingDelay(), 1 days, "by proposal");
    }

    function test_AnUnknownProposalHasNoTerms() public view {
        assertEq(governor.proposalLevel(1), 0, "level");
        IGovernorLevels.ProposalTerms memory terms = governor.proposalTerms(1);
        assertEq(terms.majorityBps, 0, "majority");
    }
}
