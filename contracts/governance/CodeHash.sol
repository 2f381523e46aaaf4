// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @dev One hash over the code of all `accounts`, cut to 24 bytes so that it shares a storage slot with what else is
 * frozen for a proposal; 192 bits leave a second preimage out of reach. An account that doesn't exist yet counts as
 * empty code: else a gift of 1 wei would change the hash.
 */
function codeHashOf(address[] memory accounts) view returns (bytes24) {
    bytes32[] memory hashes = new bytes32[](accounts.length);
    for (uint256 i = 0; i < accounts.length; ++i) {
        hashes[i] = accounts[i].code.length == 0 ? keccak256("") : accounts[i].codehash;
    }
    return bytes24(keccak256(abi.encodePacked(hashes)));
}
