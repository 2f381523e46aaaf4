// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Tokens that can't be transferred
 * @dev ERC-5192; OpenZeppelin has no copy of this interface. A token here is locked from its mint on.
 */
interface IERC5192 {
    event Locked(uint256 tokenId);
    event Unlocked(uint256 tokenId);

    /// @notice Whether a token is locked. Reverts for a token that does not exist.
    function locked(uint256 tokenId) external view returns (bool);
}
