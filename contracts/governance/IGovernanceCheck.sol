// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IGovernorLevels} from "./IGovernorLevels.sol";

/// @dev What is read of a governor.
interface IGovernedGovernor is IGovernor, IGovernorLevels {
    /// @notice The timelock that executes.
    function timelock() external view returns (address);

    /// @notice The token whose votes count.
    function token() external view returns (IERC5805);
}

/**
 * @title A last action that reverts a proposal which would leave the holders without a working vote.
 *
 * Optional: it is put at the end of a batch by whoever proposes it. It reads how things stand after the actions before
 * it, and reverts the whole batch unless the next proposal could be made, voted on, queued and executed within a
 * bearable time, and would still be in charge of everything.
 */
interface IGovernanceCheck {
    /// @dev The governor lacks a role on its timelock (proposer, executor, canceller), or the timelock no longer
    /// administers itself, so that no later governor could take over.
    error GovernanceTimelockCut(address governor, address timelock);

    /// @dev The timelock is no longer the admin of the manager, or only after a delay that it can't wait out.
    error GovernanceAdminLost(address timelock, address manager);

    /// @dev A contract that should be governed obeys another authority.
    error GovernanceAuthorityMoved(address governed, address authority);

    /// @dev In seconds: one of the delays is above {DELAY_MAX}, or the vote is shorter than {VOTING_PERIOD_MIN}.
    error GovernanceTimesAbsurd(uint256 votingDelay, uint256 votingPeriod, uint256 timelockDelay);

    /// @dev The token's clock isn't the governor's: snapshots would be of another time, or of none.
    error GovernanceClockLost(address token, uint48 tokenClock);

    /// @dev A level asks for more than {MAJORITY_BPS_MAX} or {QUORUM_BPS_MAX}.
    error GovernanceLevelUnreachable(uint8 level, uint16 majorityBps, uint16 quorumBps);

    /// @dev Proposing would take more votes than the quorum of level 3, which voters could gather.
    error GovernanceThresholdUnreachable(uint256 threshold, uint256 quorum);

    /// @notice No delay may be longer, and no vote, in seconds.
    function DELAY_MAX() external view returns (uint256);

    /// @notice No vote may be shorter, in seconds.
    function VOTING_PERIOD_MIN() external view returns (uint256);

    /// @notice No level may ask for a larger majority, in hundredths of a percent.
    function MAJORITY_BPS_MAX() external view returns (uint16);

    /// @notice No level may ask for a larger quorum, in hundredths of a percent.
    function QUORUM_BPS_MAX() external view returns (uint16);

    /**
     * @notice Reverts unless `governor` can still propose, vote, queue, execute and administer.
     * @param governor The governor that will be in charge after the batch.
     * @param manager The AccessManager of the governed contracts.
     * @param governed The contracts that must obey `manager`.
     */
    function assertGovernable(
        IGovernedGovernor governor,
        IAccessManager manager,
        IAccessManaged[] calldata governed
    ) external view;
}
