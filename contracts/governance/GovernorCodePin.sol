// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {codeHashOf} from "./CodeHash.sol";
import {GovernorLevels} from "./GovernorLevels.sol";

/**
 * @title Executes against the code that was voted on.
 * @dev Compares the code of all targets with what was frozen when the proposal was made, so that a target that destroys
 * itself and comes back with other code (CREATE2) is not called. A proxy's implementation is not seen: it changes only
 * by a level 3 proposal of its own.
 */
abstract contract GovernorCodePin is GovernorLevels {
    /// @dev The code of a target isn't the code that was proposed.
    error GovernorTargetCodeChanged(uint256 proposalId, bytes24 pinned, bytes24 found);

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal virtual override {
        bytes24 pinned = proposalTerms(proposalId).codeHash;
        bytes24 found = codeHashOf(targets);
        if (found != pinned) revert GovernorTargetCodeChanged(proposalId, pinned, found);
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }
}
