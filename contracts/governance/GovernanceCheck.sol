// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IGovernanceCheck, IGovernedGovernor} from "./IGovernanceCheck.sol";

/// @title See {IGovernanceCheck}. Holds nothing and changes nothing.
contract GovernanceCheck is IGovernanceCheck {
    /// @inheritdoc IGovernanceCheck
    uint256 public constant override DELAY_MAX = 30 days;

    /// @inheritdoc IGovernanceCheck
    uint256 public constant override VOTING_PERIOD_MIN = 1 days;

    /// @inheritdoc IGovernanceCheck
    uint16 public constant override MAJORITY_BPS_MAX = 9_000;

    /// @inheritdoc IGovernanceCheck
    uint16 public constant override QUORUM_BPS_MAX = 5_000;

    uint64 private constant ADMIN = 0;

    /// @inheritdoc IGovernanceCheck
    function assertGovernable(
        IGovernedGovernor governor,
        IAccessManager manager,
        IAccessManaged[] calldata governed
    ) external view override {
        address timelock = governor.timelock();
        _checkTimelock(TimelockController(payable(timelock)), address(governor));
        _checkManager(manager, timelock, governed);
        _checkTimes(governor, TimelockController(payable(timelock)).getMinDelay());
        _checkVotes(governor);
    }

    function _checkTimelock(TimelockController timelock, address governor) private view {
        bool connected =
            timelock.hasRole(timelock.PROPOSER_ROLE(), governor) &&
                timelock.hasRole(timelock.EXECUTOR_ROLE(), governor) &&
                timelock.hasRole(timelock.CANCELLER_ROLE(), governor) &&
                timelock.hasRole(timelock.DEFAULT_ADMIN_ROLE(), address(timelock));
        if (!connected) revert GovernanceTimelockCut(governor, address(timelock));
    }

    function _checkManager(IAccessManager manager, address timelock, IAccessManaged[] calldata governed) private view {
        (bool isAdmin, uint32 delaySeconds) = manager.hasRole(ADMIN, timelock);
        if (!isAdmin || delaySeconds != 0) revert GovernanceAdminLost(timelock, address(manager));
        for (uint256 i = 0; i < governed.length; ++i) {
            address authority = governed[i].authority();
            if (authority != address(manager)) revert GovernanceAuthorityMoved(address(governed[i]), authority);
        }
    }

    function _checkTimes(IGovernor governor, uint256 timelockDelay) private view {
        uint256 votingDelay = governor.votingDelay();
        uint256 votingPeriod = governor.votingPeriod();
        bool bearable =
            votingDelay <= DELAY_MAX &&
                votingPeriod >= VOTING_PERIOD_MIN &&
                votingPeriod <= DELAY_MAX &&
                timelockDelay <= DELAY_MAX;
        if (!bearable) revert GovernanceTimesAbsurd(votingDelay, votingPeriod, timelockDelay);
    }

    function _checkVotes(IGovernedGovernor governor) private view {
        IERC5805 token = governor.token();
        uint48 tokenClock = token.clock();
        if (tokenClock != governor.clock()) revert GovernanceClockLost(address(token), tokenClock);

        for (uint8 level = 1; level <= 3; ++level) {
            uint16 majorityBps = governor.levelTerms(level).majorityBps;
            uint16 quorumBps = governor.levelTerms(level).quorumBps;
            if (majorityBps > MAJORITY_BPS_MAX || quorumBps > QUORUM_BPS_MAX) {
                revert GovernanceLevelUnreachable(level, majorityBps, quorumBps);
            }
        }

        uint256 threshold = governor.proposalThreshold();
        uint256 quorum = governor.quorum(tokenClock - 1);
        if (threshold > quorum) revert GovernanceThresholdUnreachable(threshold, quorum);
    }
}
