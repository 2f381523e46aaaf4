// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/**
 * @title A last action that reverts a proposal which would leave the holders without a working vote.
 * @dev Optional: it is put at the end of a batch by whoever proposes it. It changes nothing.
 */
contract GovernanceCheck {
    /// @dev The governor could no longer queue or execute on its timelock.
    error GovernanceTimelockCut(address governor, address timelock);

    /// @dev The timelock is no longer the admin of the manager, or only after a delay that it can't wait out.
    error GovernanceAdminLost(address timelock, address manager);

    /// @dev Nobody could propose: the threshold is above the supply, or a period makes a proposal impossible.
    error GovernanceUnusable(uint256 threshold, uint256 supply);

    /**
     * @notice Reverts unless `governor` can still queue, execute and administer.
     * @param governor The governor that will be in charge after the batch.
     * @param manager The AccessManager of the governed contracts.
     * @param supply Reads the token's supply: the governor's token.
     */
    function assertGovernable(IGovernorWithTimelock governor, IAccessManager manager, ISupply supply) external view {
        TimelockController timelock = TimelockController(payable(governor.timelock()));
        bool connected =
            timelock.hasRole(timelock.PROPOSER_ROLE(), address(governor)) &&
                (timelock.hasRole(timelock.EXECUTOR_ROLE(), address(governor)) ||
                    timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)));
        if (!connected) revert GovernanceTimelockCut(address(governor), address(timelock));

        (bool isAdmin, uint32 delay) = manager.hasRole(0, address(timelock));
        if (!isAdmin || delay != 0) revert GovernanceAdminLost(address(timelock), address(manager));

        uint256 threshold = governor.proposalThreshold();
        if (threshold > supply.totalSupply()) revert GovernanceUnusable(threshold, supply.totalSupply());
    }
}

/// @dev What is read of a governor.
interface IGovernorWithTimelock {
    /// @notice The timelock that executes.
    function timelock() external view returns (address);

    /// @notice Votes needed to propose.
    function proposalThreshold() external view returns (uint256);
}

/// @dev What is read of a token.
interface ISupply {
    /// @notice Tokens in existence.
    function totalSupply() external view returns (uint256);
}
