// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @dev The delegatee of tokens that must not vote. It is the hash of a phrase, so nobody holds its key. Votes
 * delegated to it are left out of the circulating supply from which a quorum is taken.
 */
address constant EXCLUDED_VOTES = address(uint160(uint256(keccak256("dimo.governance.excluded-votes"))));
