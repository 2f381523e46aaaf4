// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {GovernanceCheck} from "../../../contracts/governance/GovernanceCheck.sol";
import {IGovernanceCheck, IGovernedGovernor} from "../../../contracts/governance/IGovernanceCheck.sol";
import {IGovernorLevels} from "../../../contracts/governance/IGovernorLevels.sol";
import {IDimoToken} from "../../../contracts/token/IDimoToken.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase, IDimoGovernor, Sink} from "../support/GovernanceBase.t.sol";

/// @dev Levels as many write them: the author says how much is spent, or only the first action is looked at.
contract NaiveLevels {
    bytes4 private constant SPEND = ITreasury.spend.selector;

    function level(bytes[] calldata calldatas) external pure returns (uint8) {
        uint256 amount = 0;
        for (uint256 i = 0; i < calldatas.length; ++i) {
            if (bytes4(calldatas[i]) == SPEND && calldatas[i].length == 100) {
                amount = uint256(bytes32(calldatas[i][68:100]));
            }
        }
        return amount < 5_000_000e18 ? 1 : 3;
    }
}

/// @title Attacks that try to do with few votes what takes many.
contract GovernanceLevelsAttacks is GovernanceBase {
    NaiveLevels private naive;

    function setUp() public override {
        super.setUp();
        naive = new NaiveLevels();
        rules();
    }

    /// @dev An allowance of the timelock's own tokens is listed too, as at deployment.
    function rules() private {
        IGovernorLevels.ActionRuleEntry[] memory more = new IGovernorLevels.ActionRuleEntry[](1);
        more[0] = _rule(address(token), IERC20.approve.selector, IGovernorLevels.ActionKind.Spend, 2, 1, 255);
        carry(one(address(governor), abi.encodeCall(IGovernorLevels.setActionRules, (more)), "approve"));
    }

    function test_attack_level_evasion_by_nesting() public view {
        bytes memory spend = pay(bob, 100 * M);
        bytes[] memory inner = new bytes[](1);
        inner[0] = spend;
        Dip memory dip = one(address(timelock), abi.encodeCall(TimelockController.execute, (bob, 0, "", 0, 0)), "");
        nested(address(treasury), abi.encodeCall(Multicall.multicall, (inner)));
        nested(address(treasury), abi.encodeCall(ITreasury.execute, (address(treasury), 0, spend)));
        nested(address(manager), abi.encodeCall(AccessManager.execute, (address(treasury), spend)));
        nested(address(manager), abi.encodeCall(AccessManager.schedule, (address(treasury), spend, 0)));
        nested(address(governor), abi.encodeCall(IDimoGovernor.relay, (address(treasury), 0, spend)));
        nested(
            address(timelock),
            abi.encodeCall(TimelockController.schedule, (address(treasury), 0, spend, 0, 0, 4 days))
        );
        nested(
            address(timelock),
            abi.encodeCall(
                TimelockController.scheduleBatch,
                (dip.targets, dip.values, inner, bytes32(0), bytes32(0), 4 days)
            )
        );
        nested(address(treasury), abi.encodeCall(UUPSUpgradeable.upgradeToAndCall, (bob, spend)));
    }

    function nested(address target, bytes memory data) private view {
        Dip memory dip = one(target, data, "nested");
        assertEq(naive.level(dip.calldatas), 1, "the naive reader sees no spend");
        assertLevel(dip, 3, IGovernorLevels.LevelReason.Nested, "nested");
    }

    function test_attack_level_evasion_by_splitting() public {
        Dip memory dip = one(address(treasury), pay(bob, 4 * M), "split");
        for (uint256 i = 0; i < 3; ++i) dip = and(dip, address(treasury), pay(bob, 4 * M));
        assertEq(naive.level(dip.calldatas), 1, "the naive reader sees 4 M");
        assertLevel(dip, 3, IGovernorLevels.LevelReason.SpendTotal, "16 M in one proposal");

        Dip memory part = one(address(treasury), pay(bob, 4 * M), "1");
        assertEq(governor.proposalLevel(propose(alice, part)), 1, "4 M");
        part.text = "2";
        assertEq(governor.proposalLevel(propose(bob, part)), 2, "8 M");
        part.text = "3";
        assertEq(governor.proposalLevel(propose(carol, part)), 2, "12 M");
        part.text = "4";
        assertEq(governor.proposalLevel(propose(whale, part)), 3, "16 M in four proposals");
    }

    /// @dev Proposed a month apart, executed together: the first waits for the second.
    function test_attack_level_evasion_by_waiting() public {
        Dip memory first = one(address(treasury), pay(bob, 15 * M), "first");
        uint256 id = propose(alice, first);
        uint256 start = block.timestamp;
        toVoting(id);
        vote(whale, id, 1);
        vm.warp(governor.proposalDeadline(id) + 14 days);
        queue(first);
        vm.warp(start + 31 days);
        Dip memory second = one(address(treasury), pay(bob, 15 * M), "second");
        assertLevel(second, 3, IGovernorLevels.LevelReason.SpendWindow, "the first may still happen");
        execute(first);
        assertLevel(second, 3, IGovernorLevels.LevelReason.SpendWindow, "the first has just happened");
    }

    /// @dev In two steps that look like one small one each: an allowance, and somebody who uses it.
    function test_attack_spend_hidden_in_an_allowance() public view {
        bytes memory approve = abi.encodeCall(IERC20.approve, (whale, 100 * M));
        Dip memory dip = one(address(token), approve, "approve");
        assertEq(naive.level(dip.calldatas), 1, "the naive reader sees no spend");
        assertLevel(dip, 3, IGovernorLevels.LevelReason.SpendTotal, "an allowance counts as spent");
        bytes memory viaTreasury = abi.encodeCall(ITreasury.execute, (address(token), 0, approve));
        assertLevel(one(address(treasury), viaTreasury, ""), 3, IGovernorLevels.LevelReason.Nested, "by the treasury");
        bytes memory pull = abi.encodeCall(IERC20.transferFrom, (address(treasury), whale, 1));
        assertLevel(one(address(token), pull, ""), 3, IGovernorLevels.LevelReason.Unlisted, "transferFrom");
        bytes memory mint = abi.encodeCall(IDimoToken.mint, (whale, 1));
        assertLevel(one(address(token), mint, ""), 3, IGovernorLevels.LevelReason.Unlisted, "mint");
        bytes memory invest = abi.encodeCall(ITreasury.invest, (whale, 1, 1));
        assertLevel(one(address(treasury), invest, ""), 3, IGovernorLevels.LevelReason.Unlisted, "own vault");
        bytes memory ether_ = abi.encodeCall(ITreasury.spendEther, (payable(whale), 1));
        assertLevel(one(address(treasury), ether_, ""), 3, IGovernorLevels.LevelReason.Unlisted, "ether");
    }

    function test_attack_level_evasion_by_permuting() public view {
        Dip memory a = and(one(address(treasury), pay(bob, 20 * M), ""), address(treasury), pay(bob, 1));
        Dip memory b = and(one(address(treasury), pay(bob, 1), ""), address(treasury), pay(bob, 20 * M));
        assertEq(naive.level(a.calldatas), 1, "the naive reader keeps the last");
        assertEq(naive.level(b.calldatas), 3, "in the other order it doesn't");
        assertLevel(a, 3, IGovernorLevels.LevelReason.SpendTotal, "large, small");
        assertLevel(b, 3, IGovernorLevels.LevelReason.SpendTotal, "small, large");
        bytes memory sinkCall = abi.encodeCall(Sink.light, (1));
        assertLevel(and(light(1), address(sink), ""), 3, IGovernorLevels.LevelReason.NoSelector, "light, bare");
        assertLevel(
            and(one(address(sink), "", ""), address(sink), sinkCall),
            3,
            IGovernorLevels.LevelReason.NoSelector,
            "bare, light"
        );
    }

    /// @dev Every cut of a spend, and every length beyond it.
    function test_attack_level_evasion_by_short_calldata() public view {
        bytes memory whole = pay(bob, 100 * M);
        for (uint256 length = 0; length < 110; ++length) {
            if (length == whole.length) continue;
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length && i < whole.length; ++i) cut[i] = whole[i];
            Dip memory dip = one(address(treasury), cut, "cut");
            (uint8 level, IGovernorLevels.LevelReason reason, ) = governor.levelOf(
                dip.targets,
                dip.values,
                dip.calldatas
            );
            assertEq(level, 3, "level");
            IGovernorLevels.LevelReason expected =
                length < 4 ? IGovernorLevels.LevelReason.NoSelector : IGovernorLevels.LevelReason.Undecodable;
            assertEq(uint256(reason), uint256(expected), "reason");
        }
        Dip memory short = one(address(treasury), bytes.concat(whole, hex"00"), "long");
        assertEq(naive.level(short.calldatas), 1, "the naive reader takes what it can't read for nothing");
    }

    /// @dev No level 1 proposal hands on the rights that level 3 protects, and none can be made to by the table.
    function test_attack_light_proposal_with_heavy_rights() public view {
        heavyRight(address(manager), abi.encodeCall(AccessManager.grantRole, (0, whale, 0)));
        heavyRight(address(manager), abi.encodeCall(AccessManager.setTargetFunctionRole, (whale, new bytes4[](0), 1)));
        heavyRight(address(manager), abi.encodeCall(AccessManager.updateAuthority, (address(treasury), whale)));
        heavyRight(address(treasury), abi.encodeCall(IAccessManaged.setAuthority, (whale)));
        heavyRight(address(timelock), abi.encodeCall(TimelockController.updateDelay, (0)));
        heavyRight(address(governor), abi.encodeCall(IDimoGovernor.updateTimelock, (whale)));
        heavyRight(address(governor), abi.encodeCall(IDimoGovernor.setProposalThreshold, (0)));
    }

    function heavyRight(address target, bytes memory data) private view {
        assertLevel(and(light(1), target, data), 3, IGovernorLevels.LevelReason.Unlisted, "right");
    }

    /**
     * @dev What the threshold of 5 M buys: while its own proposals live, other people's spends are level 3. They pass
     * with the majority of level 3, nothing is blocked, nothing gets lighter, and the guardian can clear it away.
     */
    function test_attack_filling_the_spend_window() public {
        Dip memory spam = one(address(treasury), pay(carol, 15 * M), "spam");
        uint256 spamId = propose(carol, spam);
        Dip memory honest = one(address(treasury), pay(bob, 1 * M), "honest");
        assertLevel(honest, 3, IGovernorLevels.LevelReason.SpendWindow, "raised");
        carry(honest);
        assertEq(token.balanceOf(bob), 31 * M, "and paid all the same");

        Dip memory next = one(address(treasury), pay(bob, 1 * M), "next");
        assertState(spamId, IGovernor.ProposalState.Defeated, "nobody wanted it");
        assertLevel(next, 1, IGovernorLevels.LevelReason.SpendTotal, "as before");
        spam.text = "more spam";
        propose(carol, spam);
        cancel(guardian, spam);
        assertLevel(next, 1, IGovernorLevels.LevelReason.SpendTotal, "cleared away");
    }

    function test_attack_bricking_batch() public {
        GovernanceCheck check = new GovernanceCheck();
        Dip memory brick = and(
            light(5),
            address(timelock),
            abi.encodeCall(IAccessControl.revokeRole, (timelock.PROPOSER_ROLE(), address(governor)))
        );
        IAccessManaged[] memory governed = new IAccessManaged[](1);
        governed[0] = IAccessManaged(address(treasury));
        bytes memory last = abi.encodeCall(
            IGovernanceCheck.assertGovernable,
            (IGovernedGovernor(address(governor)), manager, governed)
        );
        Dip memory checked = and(brick, address(check), last);
        checked.text = "checked";
        uint256 id = carryToQueue(checked);
        uint256 naiveId = propose(bob, brick);
        toVoting(naiveId);
        vote(whale, naiveId, 1);
        toEnd(naiveId);
        queue(brick);
        vm.warp(governor.proposalEta(naiveId));

        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernanceCheck.GovernanceTimelockCut.selector,
                address(governor),
                address(timelock)
            )
        );
        execute(checked);
        assertEq(sink.last(), 0, "the whole batch is undone");
        assertState(id, IGovernor.ProposalState.Queued, "and waits until it expires");

        execute(brick);
        assertEq(sink.last(), 5, "without the check it goes through");
        assertTrue(!timelock.hasRole(timelock.PROPOSER_ROLE(), address(governor)), "for good");
    }
}
