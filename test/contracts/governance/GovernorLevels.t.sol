// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase, IDimoGovernor, Sink} from "../support/GovernanceBase.t.sol";

/// @title A proposal's level follows from its actions, whatever way they are put.
contract GovernorLevelsTest is GovernanceBase {
    // Each listed action has the level it is listed at.

    function test_ListedActions() public view {
        assertLevel(light(1), 1, IGovernorLevels.LevelReason.Listed, "light");
        assertLevel(medium(1), 2, IGovernorLevels.LevelReason.Listed, "medium");
        assertLevel(heavy(1), 3, IGovernorLevels.LevelReason.Unlisted, "heavy");
    }

    function test_WeightiestActionDecides_InAnyOrder() public view {
        bytes memory l = abi.encodeCall(Sink.light, (1));
        bytes memory m = abi.encodeCall(Sink.medium, (1));
        bytes memory h = abi.encodeCall(Sink.heavy, (1));
        address s = address(sink);
        assertLevel(and(light(1), s, m), 2, IGovernorLevels.LevelReason.Listed, "light, medium");
        assertLevel(and(medium(1), s, l), 2, IGovernorLevels.LevelReason.Listed, "medium, light");
        assertLevel(and(and(light(1), s, m), s, h), 3, IGovernorLevels.LevelReason.Unlisted, "light, medium, heavy");
        assertLevel(and(and(heavy(1), s, m), s, l), 3, IGovernorLevels.LevelReason.Unlisted, "heavy, medium, light");
        assertLevel(and(and(light(1), s, h), s, m), 3, IGovernorLevels.LevelReason.Unlisted, "light, heavy, medium");
    }

    function test_NamesTheActionThatDecided() public view {
        Dip memory dip = and(and(light(1), address(sink), abi.encodeCall(Sink.medium, (1))), address(sink), "");
        (, , uint256 actionIndex) = governor.levelOf(dip.targets, dip.values, dip.calldatas);
        assertEq(actionIndex, 2, "the third");
    }

    function test_SameSelectorElsewhereIsUnlisted() public {
        Sink other = new Sink();
        Dip memory dip = one(address(other), abi.encodeCall(Sink.light, (1)), "other");
        assertLevel(dip, 3, IGovernorLevels.LevelReason.Unlisted, "other target");
    }

    // What is in doubt is level 3.

    function test_EtherIsLevel3() public view {
        Dip memory dip = light(1);
        dip.values[0] = 1;
        assertLevel(dip, 3, IGovernorLevels.LevelReason.CarriesEther, "one wei");
    }

    function test_ShortCalldataIsLevel3() public view {
        assertLevel(one(address(sink), "", "none"), 3, IGovernorLevels.LevelReason.NoSelector, "no data");
        bytes memory three = hex"a9059c";
        assertLevel(one(address(token), three, "three"), 3, IGovernorLevels.LevelReason.NoSelector, "three bytes");
        bytes memory bare = abi.encodePacked(ITreasury.spend.selector);
        assertLevel(one(address(treasury), bare, "bare"), 3, IGovernorLevels.LevelReason.Undecodable, "selector alone");
        bytes memory cut = abi.encodePacked(ITreasury.spend.selector, abi.encode(token, bob), bytes31(0));
        assertLevel(one(address(treasury), cut, "cut"), 3, IGovernorLevels.LevelReason.Undecodable, "a byte short");
    }

    function test_TrailingBytesAreLevel3() public view {
        bytes memory longer = bytes.concat(pay(bob, 1), hex"00");
        assertLevel(one(address(treasury), longer, "long"), 3, IGovernorLevels.LevelReason.Undecodable, "a byte more");
    }

    function test_NestedCallsAreLevel3() public view {
        bytes[] memory inner = new bytes[](1);
        inner[0] = abi.encodeCall(Sink.light, (1));
        assertNested(address(sink), abi.encodeCall(Multicall.multicall, (inner)), "multicall");
        assertNested(address(treasury), abi.encodeCall(ITreasury.execute, (bob, 0, "")), "treasury.execute");
        assertNested(address(manager), abi.encodeCall(AccessManager.execute, (bob, "")), "manager.execute");
        assertNested(address(manager), abi.encodeCall(AccessManager.schedule, (bob, "", 0)), "manager.schedule");
        assertNested(address(timelock), abi.encodeCall(TimelockController.schedule, (bob, 0, "", 0, 0, 0)), "schedule");
        assertNested(
            address(timelock),
            abi.encodeCall(
                TimelockController.scheduleBatch,
                (new address[](0), new uint256[](0), new bytes[](0), 0, 0, 0)
            ),
            "scheduleBatch"
        );
        assertNested(address(timelock), abi.encodeCall(TimelockController.execute, (bob, 0, "", 0, 0)), "execute");
        assertNested(
            address(timelock),
            abi.encodeCall(TimelockController.executeBatch, (new address[](0), new uint256[](0), new bytes[](0), 0, 0)),
            "executeBatch"
        );
        assertNested(address(governor), abi.encodeCall(IDimoGovernor.relay, (bob, 0, "")), "relay");
        assertNested(address(token), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (bob, "")), "upgradeToAndCall");
    }

    function assertNested(address target, bytes memory data, string memory what) private view {
        assertLevel(one(target, data, what), 3, IGovernorLevels.LevelReason.Nested, what);
    }

    function test_GovernanceOfItselfIsLevel3() public view {
        bytes memory data = abi.encodeCall(IDimoGovernor.setVotingDelay, (0));
        assertLevel(one(address(governor), data, "delay"), 3, IGovernorLevels.LevelReason.Unlisted, "setVotingDelay");
        data = abi.encodeCall(TimelockController.updateDelay, (0));
        assertLevel(
            one(address(timelock), data, "timelock delay"),
            3,
            IGovernorLevels.LevelReason.Unlisted,
            "updateDelay"
        );
        data = abi.encodeCall(IDimoToken.mint, (bob, 1));
        assertLevel(one(address(token), data, "mint"), 3, IGovernorLevels.LevelReason.Unlisted, "mint");
    }

    // Spends are weighed by their sum.

    function test_SpendThresholds() public view {
        assertSpend(0, 1);
        assertSpend(5 * M - 1, 1);
        assertSpend(5 * M, 2);
        assertSpend(15 * M, 2);
        assertSpend(15 * M + 1, 3);
        assertSpend(type(uint256).max, 3);
    }

    function assertSpend(uint256 amount, uint256 level) private view {
        assertLevel(
            one(address(treasury), pay(bob, amount), "pay"),
            level,
            IGovernorLevels.LevelReason.SpendTotal,
            "spend"
        );
        bytes memory data = abi.encodeCall(IERC20.transfer, (bob, amount));
        assertLevel(one(address(token), data, "transfer"), level, IGovernorLevels.LevelReason.SpendTotal, "transfer");
    }

    function test_SplittingInOneBatchDoesNotHelp() public view {
        Dip memory dip = one(address(treasury), pay(bob, 4 * M), "split");
        dip = and(dip, address(treasury), pay(carol, 4 * M));
        assertLevel(dip, 2, IGovernorLevels.LevelReason.SpendTotal, "two of four");
        dip = and(dip, address(token), abi.encodeCall(IERC20.transfer, (alice, 4 * M)));
        dip = and(dip, address(treasury), pay(bob, 4 * M));
        assertLevel(dip, 3, IGovernorLevels.LevelReason.SpendTotal, "four of four");
    }

    function test_SumCannotOverflow() public view {
        Dip memory dip = one(address(treasury), pay(bob, type(uint256).max), "overflow");
        assertLevel(and(dip, address(treasury), pay(bob, 2)), 3, IGovernorLevels.LevelReason.SpendTotal, "saturates");
    }

    function test_OtherTokensAreLevel3() public view {
        bytes memory data = abi.encodeCall(ITreasury.spend, (address(sink), bob, 1));
        assertLevel(one(address(treasury), data, "foreign"), 3, IGovernorLevels.LevelReason.ForeignToken, "foreign");
    }

    /// @dev Any split of any sum has the level of the sum.
    function testFuzz_BatchHasTheLevelOfItsSum(uint256 total, uint256 cut) public view {
        total = bound(total, 1, 30 * M);
        cut = bound(cut, 0, total);
        Dip memory whole = one(address(treasury), pay(bob, total), "whole");
        Dip memory split = and(
            one(address(treasury), pay(bob, cut), "split"),
            address(treasury),
            pay(bob, total - cut)
        );
        (uint8 wholeLevel, , ) = governor.levelOf(whole.targets, whole.values, whole.calldatas);
        (uint8 splitLevel, , ) = governor.levelOf(split.targets, split.values, split.calldatas);
        assertEq(splitLevel, wholeLevel, "level");
        assertEq(
            wholeLevel,
            total < 5 * M
                ? 1
                : total <= 15 * M
                    ? 2
                    : 3,
            "by the sum"
        );
    }

    /// @dev Adding an action never makes a proposal lighter.
    function testFuzz_AnActionNeverLightens(uint8 first, uint8 second, uint256 amount) public view {
        Dip memory alone = one(_target(first), _data(first, amount), "fuzz");
        Dip memory both = and(alone, _target(second), _data(second, amount));
        (uint8 aloneLevel, , ) = governor.levelOf(alone.targets, alone.values, alone.calldatas);
        (uint8 bothLevel, , ) = governor.levelOf(both.targets, both.values, both.calldatas);
        assertTrue(bothLevel >= aloneLevel, "not lighter");
    }

    /// @dev Three actions in any order have one level, and it is at least that of each of them.
    function testFuzz_OrderDoesNotMatter(uint8 a, uint8 b, uint8 c, uint256 amount) public view {
        uint8 level = _levelOfThree(a, b, c, amount);
        assertEq(_levelOfThree(b, a, c, amount), level, "b a c");
        assertEq(_levelOfThree(c, b, a, amount), level, "c b a");
        assertEq(_levelOfThree(a, c, b, amount), level, "a c b");
        uint8[3] memory kinds = [a, b, c];
        for (uint256 i = 0; i < 3; ++i) {
            Dip memory alone = one(_target(kinds[i]), _data(kinds[i], amount), "alone");
            (uint8 own, , ) = governor.levelOf(alone.targets, alone.values, alone.calldatas);
            assertTrue(level >= own, "at least each one's");
        }
    }

    function _levelOfThree(uint8 a, uint8 b, uint8 c, uint256 amount) private view returns (uint8 level) {
        Dip memory dip = one(_target(a), _data(a, amount), "three");
        dip = and(and(dip, _target(b), _data(b, amount)), _target(c), _data(c, amount));
        (level, , ) = governor.levelOf(dip.targets, dip.values, dip.calldatas);
    }

    /// @dev Whatever is put into a call that runs calls is level 3.
    function testFuzz_NestingNeverLightens(uint8 kind, uint256 amount) public view {
        bytes memory inner = abi.encodeCall(ITreasury.execute, (_target(kind), 0, _data(kind, amount)));
        assertLevel(one(address(treasury), inner, "nested"), 3, IGovernorLevels.LevelReason.Nested, "nested");
    }

    function _target(uint8 kind) private view returns (address) {
        return
            kind % 5 < 3
                ? address(sink)
                : kind % 5 == 3
                    ? address(treasury)
                    : address(token);
    }

    function _data(uint8 kind, uint256 amount) private view returns (bytes memory) {
        if (kind % 5 == 0) return abi.encodeCall(Sink.light, (amount));
        if (kind % 5 == 1) return abi.encodeCall(Sink.medium, (amount));
        if (kind % 5 == 2) return abi.encodeCall(Sink.heavy, (amount));
        if (kind % 5 == 3) return pay(bob, amount % (40 * M));
        return abi.encodeCall(IERC20.transfer, (bob, amount % (40 * M)));
    }

    // The sliding window.

    function test_SplittingOverProposalsDoesNotHelp() public {
        Dip memory dip = one(address(treasury), pay(bob, 4 * M), "first");
        assertEq(governor.proposalLevel(propose(alice, dip)), 1, "first");
        dip.text = "second";
        assertLevel(dip, 2, IGovernorLevels.LevelReason.SpendWindow, "second");
        propose(bob, dip);
        dip.text = "third";
        propose(carol, dip);
        assertEq(governor.spendInWindow(), 12 * M, "window");
        dip.text = "fourth";
        uint256 id = propose(whale, dip);
        assertEq(governor.proposalLevel(id), 3, "fourth");
        assertEq(governor.spendInWindow(), 12 * M, "what met level 3 hides nothing and isn't counted");
    }

    /// @dev An executed spend counts until 30 days after the last second in which it could have been executed.
    function test_WindowSlides() public {
        Dip memory dip = one(address(treasury), pay(bob, 4 * M), "first");
        uint256 eta = governor.proposalEta(carry(dip));
        dip.text = "second";
        assertLevel(dip, 2, IGovernorLevels.LevelReason.SpendWindow, "executed spends count");
        vm.warp(eta + 14 days + 30 days);
        assertLevel(dip, 2, IGovernorLevels.LevelReason.SpendWindow, "on the last second");
        vm.warp(eta + 14 days + 30 days + 1);
        assertLevel(dip, 1, IGovernorLevels.LevelReason.SpendTotal, "not for ever");
        assertEq(governor.spendInWindow(), 0, "the window is empty");
    }

    /// @dev However long it takes: a window counted from the proposal would have let go of it after 30 days.
    function test_AWaitingSpendCounts() public {
        Dip memory dip = one(address(treasury), pay(bob, 15 * M), "first");
        uint256 id = propose(alice, dip);
        uint256 proposed = block.timestamp;
        toVoting(id);
        vote(whale, id, 1);
        vm.warp(governor.proposalDeadline(id) + 14 days);
        queue(dip);
        vm.warp(proposed + 31 days);
        assertEq(governor.spendInWindow(), 15 * M, "queued");
        vm.warp(governor.proposalEta(id) + 14 days);
        assertEq(governor.spendInWindow(), 15 * M, "on its last second");
        vm.warp(block.timestamp + 1);
        assertEq(governor.spendInWindow(), 0, "expired without being executed");
    }

    function test_DeadSpendsDoNotCount() public {
        Dip memory dip = one(address(treasury), pay(bob, 4 * M), "cancelled");
        propose(alice, dip);
        cancel(alice, dip);
        assertEq(governor.spendInWindow(), 0, "cancelled");
        dip.text = "defeated";
        toEnd(propose(alice, dip));
        assertEq(governor.spendInWindow(), 0, "defeated");
    }

    /// @dev Dead entries are overwritten, so that proposing and cancelling can't fill the list.
    function test_CancellingDoesNotFillTheWindow() public {
        for (uint256 i = 0; i < 40; ++i) {
            Dip memory dip = one(
                address(treasury),
                pay(bob, 1),
                string(abi.encodePacked("spam ", bytes1(uint8(65 + i))))
            );
            propose(alice, dip);
            cancel(alice, dip);
        }
        Dip memory honest = one(address(treasury), pay(bob, 1 * M), "honest");
        assertLevel(honest, 1, IGovernorLevels.LevelReason.SpendTotal, "still level 1");
    }

    function test_AFullWindowIsLevel3() public {
        for (uint256 i = 0; i < 32; ++i) {
            address proposer = address(uint160(1000 + i));
            vm.prank(whale);
            token.delegate(proposer);
            vm.warp(block.timestamp + 1);
            propose(
                proposer,
                one(address(treasury), pay(bob, 1), string(abi.encodePacked("many ", bytes1(uint8(65 + i)))))
            );
        }
        Dip memory next = one(address(treasury), pay(bob, 1), "one more");
        assertLevel(next, 3, IGovernorLevels.LevelReason.SpendWindow, "full");
        assertEq(governor.proposalLevel(propose(alice, next)), 3, "and is proposed as such");
    }

    // The table itself.

    function test_WhatRunsCallsCannotBeListed() public {
        refuseRule(address(treasury), ITreasury.execute.selector);
        refuseRule(address(sink), Multicall.multicall.selector);
        refuseRule(address(token), UUPSUpgradeable.upgradeToAndCall.selector);
        refuseRule(address(governor), IDimoGovernor.setVotingDelay.selector);
        refuseRule(address(timelock), TimelockController.updateDelay.selector);
        refuseRule(address(sink), IAccessManager.execute.selector);
        refuseRule(address(sink), IAccessManager.schedule.selector);
        refuseRule(address(sink), TimelockController.schedule.selector);
        refuseRule(address(sink), TimelockController.scheduleBatch.selector);
        refuseRule(address(sink), TimelockController.execute.selector);
        refuseRule(address(sink), TimelockController.executeBatch.selector);
        refuseRule(address(sink), IDimoGovernor.relay.selector);
    }

    function test_WhatMovesRightsCannotBeListed() public {
        refuseRule(address(manager), IAccessManager.grantRole.selector);
        refuseRule(address(manager), IAccessManager.revokeRole.selector);
        refuseRule(address(manager), IAccessManager.setRoleAdmin.selector);
        refuseRule(address(manager), IAccessManager.setRoleGuardian.selector);
        refuseRule(address(manager), IAccessManager.setGrantDelay.selector);
        refuseRule(address(manager), IAccessManager.setTargetFunctionRole.selector);
        refuseRule(address(manager), IAccessManager.setTargetAdminDelay.selector);
        refuseRule(address(manager), IAccessManager.setTargetClosed.selector);
        refuseRule(address(manager), IAccessManager.updateAuthority.selector);
        refuseRule(address(treasury), IAccessManaged.setAuthority.selector);
    }

    function refuseRule(address listed, bytes4 selector) private {
        IGovernorLevels.ActionRuleEntry[] memory rules = new IGovernorLevels.ActionRuleEntry[](1);
        rules[0] = _rule(listed, selector, IGovernorLevels.ActionKind.Level1, 0, 0, 0);
        Dip memory dip = one(
            address(governor),
            abi.encodeCall(IGovernorLevels.setActionRules, (rules)),
            string(abi.encodePacked(selector))
        );
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(abi.encodeWithSelector(IGovernorLevels.GovernorActionNotListable.selector, listed, selector));
        execute(dip);
    }

    function test_ARuleIsSetByProposal() public {
        IGovernorLevels.ActionRuleEntry[] memory rules = new IGovernorLevels.ActionRuleEntry[](1);
        rules[0] = _rule(address(sink), Sink.heavy.selector, IGovernorLevels.ActionKind.Level1, 0, 0, 0);
        vm.expectRevert();
        governor.setActionRules(rules);
        uint256 before = propose(bob, heavy(1));
        carry(one(address(governor), abi.encodeCall(IGovernorLevels.setActionRules, (rules)), "list heavy"));
        assertLevel(heavy(2), 1, IGovernorLevels.LevelReason.Listed, "now listed");
        assertEq(governor.proposalLevel(before), 3, "earlier proposals keep theirs");
    }

    function test_UnreadableSpendRuleIsRefused() public {
        IGovernorLevels.ActionRuleEntry[] memory rules = new IGovernorLevels.ActionRuleEntry[](1);
        rules[0] = _rule(address(sink), Sink.heavy.selector, IGovernorLevels.ActionKind.Spend, 2, 2, 0);
        Dip memory dip = one(address(governor), abi.encodeCall(IGovernorLevels.setActionRules, (rules)), "bad");
        uint256 id = carryToQueue(dip);
        vm.warp(governor.proposalEta(id));
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernorLevels.GovernorInvalidActionRule.selector,
                address(sink),
                Sink.heavy.selector
            )
        );
        execute(dip);
    }

    function test_UnevenArraysAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidProposalLength.selector, 1, 1, 2));
        governor.levelOf(new address[](1), new uint256[](2), new bytes[](1));
    }
}
