// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {GovernorTermedGuardian} from "../../../contracts/governance/GovernorTermedGuardian.sol";
import {GovernanceBase, IDimoGovernor} from "../support/GovernanceBase.t.sol";

/// @title What the guardian may cancel, to the last second of its term, and the one thing it may not.
contract GovernorGuardianTest is GovernanceBase {
    function test_the_last_second_of_the_term_counts_and_the_next_does_not() public {
        vm.warp(governor.proposalGuardianUntil());
        assertEq(governor.proposalGuardian(), guardian, "still there");
        uint256 id = propose(alice, light(1));
        cancel(guardian, light(1));
        assertState(id, IGovernor.ProposalState.Canceled, "cancelled");

        vm.warp(governor.proposalGuardianUntil() + 1);
        assertEq(governor.proposalGuardian(), address(0), "gone");
        id = propose(alice, light(2));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, guardian));
        cancel(guardian, light(2));
    }

    function test_a_removed_guardian_has_no_term() public {
        carry(replacement(address(0)));
        assertEq(governor.proposalGuardian(), address(0), "nobody");
        assertEq(governor.proposalGuardianUntil(), 0, "until");
    }

    function test_only_the_guardian_is_kept_from_cancelling_its_replacement() public {
        Dip memory dip = replacement(bob);
        uint256 id = propose(alice, dip);
        refuseReplacement(id, dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, carol));
        cancel(carol, dip);
        cancel(alice, dip);
        assertState(id, IGovernor.ProposalState.Canceled, "its proposer thought better of it");
    }

    /// @dev What can't be carried out can't be cancelled either: the name of the function decides, not its argument.
    function test_a_replacement_without_an_argument_is_one() public {
        bytes memory bare = abi.encodePacked(IDimoGovernor.setProposalGuardian.selector);
        Dip memory dip = one(address(governor), bare, "bare");
        refuseReplacement(propose(alice, dip), dip);
    }

    function test_every_other_call_of_the_governor_can_be_cancelled() public {
        assertCancelled(one(address(governor), abi.encodeCall(IDimoGovernor.setVotingDelay, (1 days)), "delay"));
        assertCancelled(one(address(governor), "", "no selector"));
        bytes4 selector = IDimoGovernor.setProposalGuardian.selector;
        assertCancelled(one(address(governor), abi.encodePacked(bytes3(selector)), "a byte short of its selector"));
    }

    function test_a_guardian_of_another_contract_can_be_cancelled() public {
        Dip memory dip = replacement(bob);
        dip.targets[0] = address(sink);
        assertCancelled(dip);
    }

    /// @dev There can't be such proposals; the guardian learns that as everybody else does.
    function test_uneven_actions_are_no_replacement() public {
        assertUnknown(0, 1);
        assertUnknown(1, 0);
        assertUnknown(1, 2);
        assertUnknown(2, 1);
    }

    function replacement(address next) private view returns (Dip memory) {
        return one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (next)), "replace");
    }

    function refuseReplacement(uint256 id, Dip memory dip) private {
        vm.expectRevert(abi.encodeWithSelector(GovernorTermedGuardian.GovernorGuardianReplacement.selector, id));
        cancel(guardian, dip);
    }

    function assertCancelled(Dip memory dip) private {
        uint256 id = propose(alice, dip);
        cancel(guardian, dip);
        assertState(id, IGovernor.ProposalState.Canceled, dip.text);
    }

    function assertUnknown(uint256 targets, uint256 calldatas) private {
        Dip memory dip = Dip(new address[](targets), new uint256[](targets), new bytes[](calldatas), "uneven");
        for (uint256 i = 0; i < targets; ++i) dip.targets[i] = address(governor);
        for (uint256 i = 0; i < calldatas; ++i) dip.calldatas[i] = replacement(bob).calldatas[0];
        bytes32 text = keccak256(bytes(dip.text));
        uint256 id = uint256(keccak256(abi.encode(dip.targets, dip.values, dip.calldatas, text)));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorNonexistentProposal.selector, id));
        cancel(guardian, dip);
    }
}
