// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingFractional} from "@openzeppelin/contracts/governance/extensions/GovernorCountingFractional.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {codeHashOf} from "./CodeHash.sol";
import {EXCLUDED_VOTES} from "./ExcludedVotes.sol";
import {GovernorActionRules} from "./GovernorActionRules.sol";
import {GovernorSpendWindow} from "./GovernorSpendWindow.sol";
import {IGovernorLevels} from "./IGovernorLevels.sol";

/**
 * @title Weighs a proposal by its actions when it is proposed, freezes what it needs, and holds the vote to that.
 * @dev See {IGovernorLevels}.
 */
abstract contract GovernorLevels is
    GovernorVotes,
    GovernorCountingFractional,
    GovernorActionRules,
    GovernorSpendWindow
{
    /// @notice Spends from here on are level 2, in token units.
    uint256 public constant LEVEL_2_SPEND = 5_000_000e18;

    /// @notice Spends above this are level 3, in token units.
    uint256 public constant LEVEL_2_SPEND_MAX = 15_000_000e18;

    uint256 private constant BPS = 10_000;

    mapping(uint8 level => LevelTerms) private _levelTerms;
    mapping(uint256 proposalId => ProposalTerms) private _proposalTerms;

    constructor(ActionRuleEntry[] memory rules) {
        _setLevelTerms(1, 5_000, 300);
        _setLevelTerms(2, 6_000, 500);
        _setLevelTerms(3, 7_000, 1_000);
        _setActionRules(rules);
    }

    /// @inheritdoc IGovernorLevels
    function setLevelTerms(uint8 level, uint16 majorityBps, uint16 quorumBps) external override onlyGovernance {
        _setLevelTerms(level, majorityBps, quorumBps);
    }

    /// @inheritdoc IGovernorLevels
    function levelOf(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata calldatas
    ) external view override returns (uint8 level, LevelReason reason, uint256 actionIndex) {
        if (targets.length != values.length || targets.length != calldatas.length || targets.length == 0) {
            revert GovernorInvalidProposalLength(targets.length, calldatas.length, values.length);
        }
        (level, reason, actionIndex, ) = _weigh(targets, values, calldatas);
    }

    /// @inheritdoc IGovernorLevels
    function levelTerms(uint8 level) external view override returns (LevelTerms memory) {
        return _levelTerms[level];
    }

    /// @inheritdoc IGovernorLevels
    function proposalTerms(uint256 proposalId) public view override returns (ProposalTerms memory) {
        return _proposalTerms[proposalId];
    }

    /// @inheritdoc IGovernorLevels
    function proposalLevel(uint256 proposalId) external view override returns (uint8) {
        return _proposalTerms[proposalId].level;
    }

    /// @inheritdoc IGovernorLevels
    function proposalQuorum(uint256 proposalId) public view override returns (uint256) {
        uint256 timepoint = Math.min(proposalSnapshot(proposalId), clock() - 1);
        return Math.mulDiv(circulatingSupply(timepoint), _proposalTerms[proposalId].quorumBps, BPS, Math.Rounding.Ceil);
    }

    /// @inheritdoc IGovernorLevels
    function circulatingSupply(uint256 timepoint) public view override returns (uint256) {
        return token().getPastTotalSupply(timepoint) - token().getPastVotes(EXCLUDED_VOTES, timepoint);
    }

    /// @notice The quorum of a level 3 proposal. A proposal's own one is {proposalQuorum}.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return Math.mulDiv(circulatingSupply(timepoint), _levelTerms[3].quorumBps, BPS, Math.Rounding.Ceil);
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal virtual override returns (uint256 proposalId) {
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        (uint8 level, LevelReason reason, uint256 actionIndex, uint256 spend) = _weigh(targets, values, calldatas);
        LevelTerms memory terms = _levelTerms[level];

        _proposalTerms[proposalId] = ProposalTerms({
            codeHash: codeHashOf(targets),
            level: level,
            reason: reason,
            // a proposal of more actions could not be paid for in one block
            // forge-lint: disable-next-line(unsafe-typecast)
            actionIndex: uint16(actionIndex),
            majorityBps: terms.majorityBps,
            quorumBps: terms.quorumBps
        });
        if (level < 3 && spend > 0) _recordSpend(proposalId, spend);

        emit ProposalLevel(proposalId, level, reason, actionIndex, terms.majorityBps, terms.quorumBps, spend);
    }

    /**
     * @dev Only a proposal that succeeded is queued, and only after its vote: what it reached then it keeps, so that its
     * execution need not count again. The same holds in {_voteSucceeded}.
     */
    function _quorumReached(
        uint256 proposalId
    ) internal view virtual override(Governor, GovernorCountingFractional) returns (bool) {
        // during the vote the eta isn't read, as it can't be set
        if (clock() > Governor.proposalDeadline(proposalId) && proposalEta(proposalId) != 0) return true;
        (, uint256 forVotes, uint256 abstainVotes) = proposalVotes(proposalId);
        return forVotes + abstainVotes >= proposalQuorum(proposalId);
    }

    /// @dev A tie never passes, so a majority of 5,000 means more than half.
    function _voteSucceeded(
        uint256 proposalId
    ) internal view virtual override(Governor, GovernorCountingFractional) returns (bool) {
        if (proposalEta(proposalId) != 0) return true;
        (uint256 againstVotes, uint256 forVotes, ) = proposalVotes(proposalId);
        return
            forVotes > againstVotes &&
            forVotes * BPS >= (forVotes + againstVotes) * _proposalTerms[proposalId].majorityBps;
    }

    /// @dev The weightiest action decides; of equals, the first.
    function _weigh(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas
    ) private view returns (uint8 level, LevelReason reason, uint256 actionIndex, uint256 spend) {
        address votesToken = address(token());
        uint256 window = 0;
        for (uint256 i = 0; i < targets.length; ++i) {
            (uint8 actionLevel, LevelReason actionReason, uint256 amount) = _weighAction(
                targets[i],
                values[i],
                calldatas[i],
                votesToken
            );
            if (actionLevel == 0) {
                if (spend == 0) window = spendInWindow();
                spend = Math.saturatingAdd(spend, amount);
                uint8 alone = _spendLevel(spend);
                actionLevel = _spendLevel(Math.saturatingAdd(spend, window));
                actionReason = actionLevel > alone ? LevelReason.SpendWindow : LevelReason.SpendTotal;
            }
            if (actionLevel > level) (level, reason, actionIndex) = (actionLevel, actionReason, i);
        }
    }

    function _spendLevel(uint256 amount) private pure returns (uint8) {
        if (amount < LEVEL_2_SPEND) return 1;
        return amount <= LEVEL_2_SPEND_MAX ? 2 : 3;
    }

    function _setLevelTerms(uint8 level, uint16 majorityBps, uint16 quorumBps) private {
        bool valid =
            level > 0 && level < 4 && majorityBps >= BPS / 2 && majorityBps <= BPS && quorumBps > 0 && quorumBps <= BPS;
        if (!valid) revert GovernorInvalidLevelTerms(level, majorityBps, quorumBps);
        _levelTerms[level] = LevelTerms({majorityBps: majorityBps, quorumBps: quorumBps});
        emit LevelTermsSet(level, majorityBps, quorumBps);
    }
}
