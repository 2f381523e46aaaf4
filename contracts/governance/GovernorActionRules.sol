// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ITreasury} from "../treasury/ITreasury.sol";
import {IGovernorLevels} from "./IGovernorLevels.sol";

/**
 * @title The table that says how each action is weighed, and the reading of one action against it.
 * @dev Whatever is in doubt is left at level 3: the table can only make an action lighter.
 */
abstract contract GovernorActionRules is Governor, IGovernorLevels {
    /// @dev In `tokenWord`: the called contract is the token.
    uint8 internal constant TARGET_IS_TOKEN = type(uint8).max;

    mapping(address target => mapping(bytes4 selector => ActionRule)) private _rules;

    /// @inheritdoc IGovernorLevels
    function actionRule(address target, bytes4 selector) public view override returns (ActionRule memory) {
        return _rules[target][selector];
    }

    /// @inheritdoc IGovernorLevels
    function setActionRules(ActionRuleEntry[] calldata entries) external override onlyGovernance {
        _setActionRules(entries);
    }

    function _setActionRules(ActionRuleEntry[] memory entries) internal {
        for (uint256 i = 0; i < entries.length; ++i) {
            address target = entries[i].target;
            bytes4 selector = entries[i].selector;
            ActionRule memory rule = entries[i].rule;

            bool reserved = target == address(this) || target == _executor();
            if (reserved || _runsFurtherCalls(selector) || _movesRights(selector)) {
                revert GovernorActionNotListable(target, selector);
            }
            bool readable =
                rule.amountWord < rule.words && (rule.tokenWord < rule.words || rule.tokenWord == TARGET_IS_TOKEN);
            if (rule.kind == ActionKind.Spend && !readable) revert GovernorInvalidActionRule(target, selector);

            _rules[target][selector] = rule;
            emit ActionRuleSet(target, selector, rule);
        }
    }

    /**
     * @dev Reads one action.
     * @return level 1 to 3, or 0 when the action is a spend that has to be weighed by `spend`.
     * @return reason Why, where the level is not 0.
     * @return spend The amount of `votesToken` that the action moves, where the level is 0.
     */
    function _weighAction(
        address target,
        uint256 value,
        bytes memory data,
        address votesToken
    ) internal view returns (uint8 level, LevelReason reason, uint256 spend) {
        if (value != 0) return (3, LevelReason.CarriesEther, 0);
        if (data.length < 4) return (3, LevelReason.NoSelector, 0);

        bytes4 selector = bytes4(data);
        ActionRule memory rule = _rules[target][selector];
        if (rule.kind == ActionKind.Level1) return (1, LevelReason.Listed, 0);
        if (rule.kind == ActionKind.Level2) return (2, LevelReason.Listed, 0);
        if (rule.kind == ActionKind.Unlisted) {
            return (3, _runsFurtherCalls(selector) ? LevelReason.Nested : LevelReason.Unlisted, 0);
        }

        if (data.length != 4 + 32 * uint256(rule.words)) return (3, LevelReason.Undecodable, 0);
        uint256 spentToken =
            rule.tokenWord == TARGET_IS_TOKEN ? uint256(uint160(target)) : _argument(data, rule.tokenWord);
        if (spentToken != uint256(uint160(votesToken))) return (3, LevelReason.ForeignToken, 0);
        return (0, LevelReason.None, _argument(data, rule.amountWord));
    }

    /// @dev The argument word at `index`. Callers have checked the length.
    function _argument(bytes memory data, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            // 32 for the array's length, 4 for the selector
            word := mload(add(add(data, 36), mul(index, 32)))
        }
    }

    /**
     * @dev Functions whose arguments are calls, or code to run, in the contracts that governance deals with. They are
     * level 3 as anything unlisted is; naming them gives the true reason and keeps them from ever being listed.
     */
    function _runsFurtherCalls(bytes4 selector) private pure returns (bool) {
        return
            selector == Multicall.multicall.selector ||
            selector == ITreasury.execute.selector ||
            selector == IAccessManager.execute.selector ||
            selector == IAccessManager.schedule.selector ||
            selector == TimelockController.schedule.selector ||
            selector == TimelockController.scheduleBatch.selector ||
            selector == TimelockController.execute.selector ||
            selector == TimelockController.executeBatch.selector ||
            selector == Governor.relay.selector ||
            selector == UUPSUpgradeable.upgradeToAndCall.selector;
    }
    /**
     * @dev Functions of an AccessManager, and of what it manages, that hand rights on: with one of them at level 1, a
     * level 1 proposal would reach whatever the rights reach.
     */
    function _movesRights(bytes4 selector) private pure returns (bool) {
        return
            selector == IAccessManager.grantRole.selector ||
            selector == IAccessManager.revokeRole.selector ||
            selector == IAccessManager.setRoleAdmin.selector ||
            selector == IAccessManager.setRoleGuardian.selector ||
            selector == IAccessManager.setGrantDelay.selector ||
            selector == IAccessManager.setTargetFunctionRole.selector ||
            selector == IAccessManager.setTargetAdminDelay.selector ||
            selector == IAccessManager.setTargetClosed.selector ||
            selector == IAccessManager.updateAuthority.selector ||
            selector == IAccessManaged.setAuthority.selector;
    }
}
