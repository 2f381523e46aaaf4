// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {GovernorLateSwing} from "../../../contracts/governance/GovernorLateSwing.sol";
import {GovernorOneLiveProposal} from "../../../contracts/governance/GovernorOneLiveProposal.sol";
import {GovernanceBase} from "../support/GovernanceBase.t.sol";

/// @title What ends and begins with a vote's snapshot and its deadline, each on the second itself and beside it.
contract GovernorDeadlinesTest is GovernanceBase {
    // Late swings.

    /// @dev Voters have their two days anyway, so it uses up none of the three.
    function test_a_turn_just_two_days_before_the_end_is_none_of_the_three() public {
        uint256 id = propose(bob, light(1));
        toVoting(id);
        vote(alice, id, 1);
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline - 2 days);
        fraction(whale, id, 40 * M, 0);
        assertEq(governor.proposalDeadline(id), deadline, "a tie, in good time");
        for (uint256 i = 0; i < 3; ++i) {
            deadline = governor.proposalDeadline(id);
            vm.warp(deadline);
            fraction(whale, id, i % 2, 1 - (i % 2));
            assertEq(governor.proposalDeadline(id), deadline + 2 days, "moved");
        }
    }

    function test_a_late_majority_turns_nothing_before_there_is_a_quorum() public {
        uint256 id = propose(alice, heavy(1));
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        fraction(carol, id, 0, 20 * M - 1);
        assertEq(governor.proposalDeadline(id), deadline, "one vote short");
        vm.expectEmit(address(governor));
        emit GovernorLateSwing.ProposalSwung(id, true, uint64(deadline + 2 days));
        fraction(carol, id, 0, 1);
        assertEq(governor.proposalDeadline(id), deadline + 2 days, "with the last one");
    }

    // One live proposal for each proposer.

    function test_a_proposer_is_busy_in_the_deadline_s_second_and_free_in_the_next() public {
        uint256 id = propose(alice, light(1));
        vm.warp(governor.proposalDeadline(id));
        assertBusy(alice, id);
        vm.warp(block.timestamp + 1);
        assertFree(alice, light(2));
    }

    function test_an_extended_vote_keeps_its_proposer_busy() public {
        uint256 id = propose(alice, heavy(1));
        uint256 deadline = governor.proposalDeadline(id);
        vm.warp(deadline);
        vote(whale, id, 1);
        vm.warp(deadline + 1);
        assertBusy(alice, id);
        vm.warp(deadline + 2 days);
        assertBusy(alice, id);
        vm.warp(deadline + 2 days + 1);
        assertFree(alice, light(2));
    }

    function test_a_cancelled_proposal_frees_its_proposer_at_once() public {
        propose(alice, light(1));
        cancel(alice, light(1));
        assertFree(alice, light(2));
        toVoting(governor.latestProposal(alice));
        cancel(guardian, light(2));
        assertFree(alice, light(3));
    }

    function assertBusy(address proposer, uint256 earlier) private {
        vm.expectRevert(
            abi.encodeWithSelector(GovernorOneLiveProposal.GovernorProposerBusy.selector, proposer, earlier)
        );
        propose(proposer, light(99));
        assertEq(governor.latestProposal(proposer), earlier, "no other");
    }

    function assertFree(address proposer, Dip memory dip) private {
        uint256 id = propose(proposer, dip);
        assertEq(governor.latestProposal(proposer), id, "the latest");
    }

    // The quorum.

    /// @dev 3 % of the 200 M that circulate, or of 100 M while the whale's votes are excluded.
    function test_a_quorum_is_estimated_from_the_last_second_until_the_snapshot_sets_it() public {
        uint256 id = propose(alice, light(1));
        uint256 snapshot = governor.proposalSnapshot(id);
        delegateAndWait(EXCLUDED_VOTES);
        assertEq(governor.proposalQuorum(id), 3 * M, "by now");
        delegateAndWait(whale);
        assertEq(governor.proposalQuorum(id), 6 * M, "a second later");

        vm.warp(snapshot);
        delegateAndWait(EXCLUDED_VOTES);
        assertEq(governor.proposalQuorum(id), 3 * M, "what holds in the snapshot's second");
        delegateAndWait(whale);
        assertEq(governor.proposalQuorum(id), 3 * M, "stays");
    }

    function delegateAndWait(address delegatee) private {
        vm.prank(whale);
        token.delegate(delegatee);
        vm.warp(block.timestamp + 1);
    }

    function fraction(address voter, uint256 id, uint256 against, uint256 inFavour) private {
        bytes memory params = abi.encodePacked(uint128(against), uint128(inFavour), uint128(0));
        vm.prank(voter);
        governor.castVoteWithReasonAndParams(id, 255, "", params);
    }
}
