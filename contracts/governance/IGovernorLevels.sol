// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Levels that follow from what a proposal does.
 *
 * Level 1 needs more than 50 % of for + against and a quorum of 3 %; level 2 at least 60 % and 5 %; level 3 at least
 * 70 % and 10 %. The quorum is a share of the circulating supply (supply less excluded votes) at the snapshot. A
 * proposal has the level of its weightiest action. What is not listed, not understood, carries ether, or runs further
 * calls is level 3.
 */
interface IGovernorLevels {
    /// @dev How an action is weighed. `Spend` is weighed by the amount it moves.
    enum ActionKind {
        Unlisted,
        Level1,
        Level2,
        Spend
    }

    /// @dev Why a proposal has its level.
    enum LevelReason {
        None,
        Listed,
        SpendTotal,
        SpendWindow,
        ForeignToken,
        CarriesEther,
        NoSelector,
        Undecodable,
        Nested,
        Unlisted
    }

    /**
     * @dev How to weigh calls of one function. The last three fields matter to `Spend` alone.
     * `words` is the number of 32-byte argument words, `amountWord` the index of the amount among them, and `tokenWord`
     * the index of the token address, or 255 when the called contract is itself the token.
     */
    struct ActionRule {
        ActionKind kind;
        uint8 words;
        uint8 amountWord;
        uint8 tokenWord;
    }

    /// @dev One row of the table of rules.
    struct ActionRuleEntry {
        address target;
        bytes4 selector;
        ActionRule rule;
    }

    /// @dev What one level asks for, in hundredths of a percent.
    struct LevelTerms {
        uint16 majorityBps;
        uint16 quorumBps;
    }

    /**
     * @dev What was frozen for one proposal, in one slot. `actionIndex` is the action that decided the level;
     * `codeHash` is over the code of all targets.
     */
    struct ProposalTerms {
        bytes24 codeHash;
        uint16 actionIndex;
        uint16 majorityBps;
        uint16 quorumBps;
        uint8 level;
        LevelReason reason;
    }

    /// @notice A proposal was weighed. `spend` is the sum of the governance tokens that it pays out.
    event ProposalLevel(
        uint256 indexed proposalId,
        uint8 level,
        LevelReason reason,
        uint256 actionIndex,
        uint16 majorityBps,
        uint16 quorumBps,
        uint256 spend
    );

    /// @notice Calls of `target`.`selector` in later proposals are weighed by `rule`.
    event ActionRuleSet(address indexed target, bytes4 indexed selector, ActionRule rule);

    /// @notice Later proposals of `level` need these shares.
    event LevelTermsSet(uint8 indexed level, uint16 majorityBps, uint16 quorumBps);

    /// @dev The rule names words that its arguments don't have.
    error GovernorInvalidActionRule(address target, bytes4 selector);

    /// @dev Calls of the governor, of the timelock, and of functions that run further calls or hand rights on stay at
    /// level 3.
    error GovernorActionNotListable(address target, bytes4 selector);

    /// @dev A majority lies from 50 to 100 %, a quorum above 0 and up to 100 %, and a level from 1 to 3.
    error GovernorInvalidLevelTerms(uint8 level, uint16 majorityBps, uint16 quorumBps);

    /**
     * @notice The level that these actions would have if they were proposed now.
     * @return level 1, 2 or 3.
     * @return reason Why.
     * @return actionIndex The action that decided it.
     */
    function levelOf(
        address[] calldata targets,
        uint256[] calldata values,
        bytes[] calldata calldatas
    ) external view returns (uint8 level, LevelReason reason, uint256 actionIndex);

    /// @notice The frozen terms of a proposal; all zero for an unknown one.
    function proposalTerms(uint256 proposalId) external view returns (ProposalTerms memory);

    /// @notice The frozen level of a proposal, or 0 for an unknown one.
    function proposalLevel(uint256 proposalId) external view returns (uint8);

    /// @notice Votes (for + abstain) that the proposal needs. Before its snapshot: an estimate from the supply by now.
    function proposalQuorum(uint256 proposalId) external view returns (uint256);

    /// @notice Supply less excluded votes at a past timestamp.
    function circulatingSupply(uint256 timepoint) external view returns (uint256);

    /// @notice What `level` asks of a new proposal.
    function levelTerms(uint8 level) external view returns (LevelTerms memory);

    /// @notice The rule for one function.
    function actionRule(address target, bytes4 selector) external view returns (ActionRule memory);

    /// @notice Sets rules. Only through a proposal.
    function setActionRules(ActionRuleEntry[] calldata entries) external;

    /// @notice Sets what `level` asks of later proposals. Only through a proposal.
    function setLevelTerms(uint8 level, uint16 majorityBps, uint16 quorumBps) external;
}
