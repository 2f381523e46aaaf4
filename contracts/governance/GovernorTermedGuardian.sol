// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";

/**
 * @title A guardian that can only cancel, for a year at most, and not the vote that replaces it.
 * @dev The stock extension lets a proposer cancel a queued proposal where there is no guardian; here a proposer can
 * cancel while the proposal is pending and no longer.
 */
abstract contract GovernorTermedGuardian is GovernorProposalGuardian {
    /// @notice How long a guardian stays after it was set, in seconds.
    uint48 public constant GUARDIAN_TERM = 365 days;

    uint48 private _guardianUntil;

    /// @dev The proposal does nothing but replace or remove the guardian.
    error GovernorGuardianReplacement(uint256 proposalId);

    constructor(address guardian) {
        _setProposalGuardian(guardian);
    }

    /// @notice The guardian's last second, as a timestamp; 0 if there was never one.
    function proposalGuardianUntil() public view returns (uint48) {
        return _guardianUntil;
    }

    /// @notice The guardian, or zero after its term.
    function proposalGuardian() public view virtual override returns (address) {
        return clock() <= _guardianUntil ? super.proposalGuardian() : address(0);
    }

    /// @notice As in {Governor-cancel}, but a guardian can't cancel a proposal whose only action replaces it.
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public virtual override returns (uint256) {
        bool replacesGuardian =
            targets.length == 1 &&
                calldatas.length == 1 &&
                targets[0] == address(this) &&
                // what is shorter is filled up with zeros, in which the selector doesn't end
                bytes4(calldatas[0]) == GovernorProposalGuardian.setProposalGuardian.selector;
        if (replacesGuardian && _msgSender() == proposalGuardian()) {
            revert GovernorGuardianReplacement(getProposalId(targets, values, calldatas, descriptionHash));
        }
        return super.cancel(targets, values, calldatas, descriptionHash);
    }

    function _setProposalGuardian(address newProposalGuardian) internal virtual override {
        super._setProposalGuardian(newProposalGuardian);
        _guardianUntil = newProposalGuardian == address(0) ? 0 : clock() + GUARDIAN_TERM;
    }

    function _validateCancel(uint256 proposalId, address caller) internal view virtual override returns (bool) {
        address guardian = proposalGuardian();
        return (guardian != address(0) && caller == guardian) || Governor._validateCancel(proposalId, caller);
    }
}
