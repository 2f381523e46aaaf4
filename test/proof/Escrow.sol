// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EscrowMath} from "../../contracts/rewards/EscrowMath.sol";

/// @title One step of one promise beside any others; see README.md for why one step is enough
contract Escrow {
    function promisedIsCovered(uint256 balance, uint96 reserved, uint96 amount) external pure {
        require(reserved <= balance);
        require(amount <= EscrowMath.available(balance, reserved));
        /// Proves: a new promise leaves the balance at least what is promised in all
        assert(EscrowMath.setAside(reserved, amount) <= balance);
    }

    function promisedIsCounted(uint96 others, uint96 amount) external pure {
        /// Proves: what is promised in all is the sum of the promises, with a new one too
        assert(EscrowMath.setAside(others, amount) == uint256(others) + amount);
    }

    function releasedIsCounted(uint96 others, uint96 remaining, uint96 amount) external pure {
        (uint96 reserved, uint96 left) = EscrowMath.release(others + remaining, remaining, amount);
        /// Proves: what is promised in all is the sum of the promises, with one of them paid from too
        assert(reserved == uint256(others) + left);
    }

    function paidIsCovered(uint256 balance, uint96 reserved, uint96 remaining, uint96 amount) external pure {
        require(reserved <= balance);
        (uint96 left, ) = EscrowMath.release(reserved, remaining, amount);
        /// Proves: a payment leaves the balance at least what is promised in all
        assert(amount <= balance && left <= balance - amount);
    }

    function paidFromItsOwn(uint96 reserved, uint96 remaining, uint96 amount) external pure {
        (, uint96 left) = EscrowMath.release(reserved, remaining, amount);
        /// Proves: a promise pays no more than it has left
        assert(uint256(left) + amount == remaining);
    }

    function surplus(uint256 balance, uint96 reserved) external pure {
        uint256 free = EscrowMath.available(balance, reserved);
        /// Proves: what is available and what is promised are the balance
        assert(balance < reserved ? free == 0 : free + reserved == balance);
    }
}
