// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {GovernanceBase} from "../support/GovernanceBase.t.sol";

/// @title What the window of spends holds and what it lets go, and which of several actions decides.
contract GovernorSpendWindowTest is GovernanceBase {
    function test_31_spends_are_added_up_and_the_32nd_fills_the_window() public {
        for (uint256 i = 0; i < 31; ++i) proposeAs(i, spend(1));
        assertEq(governor.spendInWindow(), 31, "their sum");
        assertLevel(spend(5 * M - 32), 1, IGovernorLevels.LevelReason.SpendTotal, "below level 2 with them");
        assertLevel(spend(5 * M - 31), 2, IGovernorLevels.LevelReason.SpendWindow, "level 2 with them");
        proposeAs(31, spend(1));
        assertEq(governor.spendInWindow(), type(uint256).max, "full");
        assertLevel(spend(1), 3, IGovernorLevels.LevelReason.SpendWindow, "whatever comes");
    }

    /// @dev Else proposals that move no tokens could close the window to those that do.
    function test_what_spends_nothing_takes_no_place_in_the_window() public {
        for (uint256 i = 0; i < 32; ++i) proposeAs(i, i % 2 == 0 ? light(1) : spend(0));
        assertEq(governor.spendInWindow(), 0, "empty");
        assertLevel(spend(1), 1, IGovernorLevels.LevelReason.SpendTotal, "open");
    }

    function test_a_cancelled_spend_takes_no_other_with_it() public {
        propose(alice, spend(4 * M));
        propose(bob, spend(3 * M));
        cancel(alice, spend(4 * M));
        assertEq(governor.spendInWindow(), 3 * M, "the live one");
        propose(carol, spend(1 * M));
        assertEq(governor.spendInWindow(), 4 * M, "and the next one");
    }

    /// @dev The index and the reason are what voters are told.
    function test_of_equally_weighty_actions_the_first_decides() public view {
        bytes memory mediumCall = medium(1).calldatas[0];
        assertDecides(and(medium(1), address(sink), mediumCall), 0, IGovernorLevels.LevelReason.Listed);
        Dip memory dip = and(light(1), address(treasury), pay(bob, 5 * M));
        dip = and(dip, address(sink), mediumCall);
        assertDecides(dip, 1, IGovernorLevels.LevelReason.SpendTotal);
        dip = and(and(light(1), address(sink), mediumCall), address(treasury), pay(bob, 5 * M));
        assertDecides(dip, 1, IGovernorLevels.LevelReason.Listed);
    }

    function assertDecides(Dip memory dip, uint256 index, IGovernorLevels.LevelReason reason) private view {
        assertLevel(dip, 2, reason, "level");
        (, , uint256 actionIndex) = governor.levelOf(dip.targets, dip.values, dip.calldatas);
        assertEq(actionIndex, index, "index");
    }

    function spend(uint256 amount) private view returns (Dip memory) {
        return one(address(treasury), pay(bob, amount), "spend");
    }

    /// @dev The whale lends its votes to one proposer after the other, as each has one live proposal at most.
    function proposeAs(uint256 number, Dip memory dip) private {
        address proposer = address(uint160(1_000 + number));
        dip.text = string(abi.encodePacked("by ", bytes1(uint8(65 + number))));
        vm.prank(whale);
        token.delegate(proposer);
        vm.warp(block.timestamp + 1);
        propose(proposer, dip);
    }
}
