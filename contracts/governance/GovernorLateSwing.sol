// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GovernorCountingFractional} from "@openzeppelin/contracts/governance/extensions/GovernorCountingFractional.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/**
 * @title Gives voters time to answer when a vote cast near the end turns the outcome.
 * @dev A vote that makes a failing proposal pass, or a passing one fail, in the last 2 days moves the deadline to 2 days
 * after it, at most three times, so that turning votes back and forth can't stall a proposal for ever.
 */
abstract contract GovernorLateSwing is GovernorCountingFractional {
    struct Extension {
        uint48 deadline;
        uint8 swings;
    }

    /// @notice Voters have at least this long to answer a swing.
    uint48 public constant SWING_EXTENSION = 2 days;

    /// @notice How often one proposal's deadline can move for a swing.
    uint8 public constant SWINGS_MAX = 3;

    mapping(uint256 proposalId => Extension) private _extensions;

    /// @notice A late vote turned the outcome; `passing` is the new one.
    event ProposalSwung(uint256 indexed proposalId, bool passing, uint64 extendedDeadline);

    /**
     * @notice The deadline with extensions.
     * @dev A swing sets its deadline to SWING_EXTENSION after the vote that made it, and that vote lies in the past: no
     * such deadline is beyond now + SWING_EXTENSION. While the other deadline is, there is nothing to look up.
     */
    function proposalDeadline(uint256 proposalId) public view virtual override returns (uint256) {
        uint256 deadline = super.proposalDeadline(proposalId);
        if (deadline >= clock() + SWING_EXTENSION) return deadline;
        return Math.max(deadline, _extensions[proposalId].deadline);
    }

    /// @dev Looks at the outcome before and after the vote, only when it is late, so that early votes cost no more.
    function _countVote(
        uint256 proposalId,
        address account,
        uint8 support,
        uint256 totalWeight,
        bytes memory params
    ) internal virtual override returns (uint256 weight) {
        uint48 extended = clock() + SWING_EXTENSION;
        bool late = extended > proposalDeadline(proposalId) && _extensions[proposalId].swings < SWINGS_MAX;
        bool passedBefore = late && _passing(proposalId);

        weight = super._countVote(proposalId, account, support, totalWeight, params);

        if (late && _passing(proposalId) != passedBefore) {
            _extensions[proposalId].deadline = extended;
            ++_extensions[proposalId].swings;
            emit ProposalSwung(proposalId, !passedBefore, extended);
        }
    }

    function _passing(uint256 proposalId) private view returns (bool) {
        return _quorumReached(proposalId) && _voteSucceeded(proposalId);
    }
}
