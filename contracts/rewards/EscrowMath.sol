// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title The bookkeeping of tokens that are promised
 * @notice `reserved` is what a contract has promised in all, `remaining` what one of its promises has left. Two things
 * hold through every step: reserved is at most the balance, and reserved is the sum of what the promises have left.
 */
library EscrowMath {
    /// @return What a balance holds beyond what is promised already.
    function available(uint256 balance, uint96 reserved) internal pure returns (uint256) {
        return balance > reserved ? balance - reserved : 0;
    }

    /// @notice Makes a promise. The caller has seen that `amount` is available.
    function setAside(uint96 reserved, uint96 amount) internal pure returns (uint96 reservedAfter) {
        return reserved + amount;
    }

    /// @notice Keeps or ends a promise: `amount` of what it has left is paid out or given up.
    function release(
        uint96 reserved,
        uint96 remaining,
        uint96 amount
    ) internal pure returns (uint96 reservedAfter, uint96 remainingAfter) {
        return (reserved - amount, remaining - amount);
    }
}
