// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {GovernorTermedGuardian} from "../../../contracts/governance/GovernorTermedGuardian.sol";
import {ITermedGuardian} from "../../../contracts/governance/ITermedGuardian.sol";
import {TermedGuardian} from "../../../contracts/governance/TermedGuardian.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase, IDimoGovernor} from "../support/GovernanceBase.t.sol";

/// @dev Reverts with nothing to say.
contract Mute {
    fallback() external {
        assembly {
            revert(0, 0)
        }
    }
}

/// @title One contract is the guardian of the governor and of what the AccessManager guards, and ends in both.
contract TermedGuardianTest is GovernanceBase {
    uint64 private constant GUARDIAN = 1;

    TermedGuardian private termed;
    uint256 private start;

    /// @dev `spendEther` stands for what a guardian may do to a registry: a restricted function given to its role.
    function setUp() public override {
        super.setUp();
        start = block.timestamp;
        termed = new TermedGuardian(guardian, 365 days);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = ITreasury.spendEther.selector;
        vm.startPrank(address(timelock));
        manager.setTargetFunctionRole(address(treasury), selectors, GUARDIAN);
        manager.grantRole(GUARDIAN, address(termed), 0);
        vm.stopPrank();
        carry(one(address(governor), abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(termed))), "guardian"));
        vm.deal(address(treasury), 10 ether);
    }

    function forward(address sender, address target, bytes memory data) private returns (bytes memory) {
        vm.prank(sender);
        return termed.forward(target, data);
    }

    function pay() private view returns (bytes memory) {
        return abi.encodeCall(ITreasury.spendEther, (payable(bob), 1 ether));
    }

    function cancelling(Dip memory dip) private pure returns (bytes memory) {
        return abi.encodeCall(IGovernor.cancel, (dip.targets, dip.values, dip.calldatas, keccak256(bytes(dip.text))));
    }

    function test_is_constructed_for_a_year_at_most() public {
        assertEq(termed.holder(), guardian, "holder");
        assertEq(termed.until(), start + 365 days, "until");
        assertEq(termed.TERM_MAX(), 365 days, "longest");
        assertEq(new TermedGuardian(bob, 1 days).until(), block.timestamp + 1 days, "a shorter one");
        vm.expectRevert(
            abi.encodeWithSelector(ITermedGuardian.TermedGuardianTermTooLong.selector, uint48(365 days + 1))
        );
        new TermedGuardian(bob, 365 days + 1);
    }

    function test_the_holder_acts_with_the_role() public {
        vm.expectEmit(address(termed));
        emit ITermedGuardian.Forwarded(address(treasury), pay());
        forward(guardian, address(treasury), pay());
        assertEq(bob.balance, 1 ether, "paid");
    }

    function test_the_holder_has_no_role_of_its_own() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        vm.prank(guardian);
        treasury.spendEther(payable(bob), 1 ether);
    }

    function test_nobody_else_is_passed_on() public {
        address[3] memory strangers = [alice, address(timelock), account("nobody")];
        for (uint256 i = 0; i < strangers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ITermedGuardian.TermedGuardianNotHolder.selector, strangers[i]));
            forward(strangers[i], address(treasury), pay());
        }
    }

    function test_the_last_second_counts_and_the_next_does_not() public {
        vm.warp(termed.until());
        forward(guardian, address(treasury), pay());
        vm.warp(block.timestamp + 1);
        vm.expectRevert(abi.encodeWithSelector(ITermedGuardian.TermedGuardianEnded.selector, termed.until()));
        forward(guardian, address(treasury), pay());
        assertEq(bob.balance, 1 ether, "once");
    }

    function test_it_reverts_as_its_target_and_returns_as_it() public {
        bytes memory spend = abi.encodeCall(ITreasury.spend, (address(token), bob, 1));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(termed)));
        forward(guardian, address(treasury), spend);
        bytes memory result = forward(guardian, address(treasury), abi.encodeCall(ITreasury.votesToken, ()));
        assertEq(abi.decode(result, (address)), address(token), "the answer");
        Mute mute = new Mute();
        vm.expectRevert(Errors.FailedCall.selector);
        forward(guardian, address(mute), "");
    }

    function test_it_takes_no_ether() public {
        vm.deal(guardian, 1 ether);
        vm.prank(guardian);
        (bool taken, ) = address(termed).call{value: 1}(abi.encodeCall(termed.forward, (address(treasury), pay())));
        assertTrue(!taken, "with a call");
        vm.prank(guardian);
        (taken, ) = address(termed).call{value: 1}("");
        assertTrue(!taken, "alone");
    }

    // Proposals.

    function test_the_holder_cancels_proposals() public {
        Dip memory dip = light(1);
        uint256 id = carryToQueue(dip);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, id, guardian));
        cancel(guardian, dip);
        forward(guardian, address(governor), cancelling(dip));
        assertState(id, IGovernor.ProposalState.Canceled, "cancelled");
    }

    function test_the_holder_cannot_cancel_its_replacement() public {
        TermedGuardian next = new TermedGuardian(bob, 365 days);
        bytes memory replace = abi.encodeCall(IDimoGovernor.setProposalGuardian, (address(next)));
        Dip memory dip = one(address(governor), replace, "replace");
        uint256 id = propose(alice, dip);
        vm.expectRevert(abi.encodeWithSelector(GovernorTermedGuardian.GovernorGuardianReplacement.selector, id));
        forward(guardian, address(governor), cancelling(dip));
    }

    function test_a_guardian_of_nobody_is_nobody() public {
        TermedGuardian none = new TermedGuardian(address(0), 365 days);
        vm.expectRevert(abi.encodeWithSelector(ITermedGuardian.TermedGuardianNotHolder.selector, guardian));
        vm.prank(guardian);
        none.forward(address(treasury), pay());
    }
}
