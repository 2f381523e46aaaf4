// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Promises: however they are made and kept, what is reserved is their sum and never more than what is there.

import {EscrowMath} from "../../../contracts/rewards/EscrowMath.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

/// @dev Calls from outside, so that a revert can be expected.
contract EscrowBook {
    function release(uint96 reserved, uint96 remaining, uint96 amount) external pure returns (uint96, uint96) {
        return EscrowMath.release(reserved, remaining, amount);
    }

    function setAside(uint96 reserved, uint96 amount) external pure returns (uint96) {
        return EscrowMath.setAside(reserved, amount);
    }
}

contract EscrowMathTest is RegistryBase {
    bytes private constant OVERFLOW = abi.encodeWithSignature("Panic(uint256)", 0x11);
    EscrowBook private book;

    function setUp() public override {
        book = new EscrowBook();
    }

    function test_what_is_available() public pure {
        _eq("all", EscrowMath.available(10, 0), 10);
        _eq("some", EscrowMath.available(10, 4), 6);
        _eq("none", EscrowMath.available(10, 10), 0);
        _eq("less than promised", EscrowMath.available(9, 10), 0);
    }

    function test_no_more_is_released_than_a_promise_has_left() public {
        (uint96 reserved, uint96 remaining) = book.release(10, 4, 4);
        _eq("reserved", reserved, 6);
        _eq("remaining", remaining, 0);
        vm.expectRevert(OVERFLOW);
        book.release(10, 4, 5);
        vm.expectRevert(OVERFLOW);
        book.release(3, 4, 4);
        _eq("set aside", book.setAside(type(uint96).max - 1, 1), type(uint96).max);
        vm.expectRevert(OVERFLOW);
        book.setAside(type(uint96).max, 1);
    }

    /// Two promises against one balance, in any order of making, keeping and giving up.
    function testFuzz_reserved_is_the_sum_and_covered(uint256 seed, uint96 funds) public pure {
        uint256 balance = funds;
        uint96 reserved = 0;
        uint96[2] memory promises;
        for (uint256 i = 0; i < 16; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 which = seed & 1;
            if (seed & 6 == 0) {
                uint96 amount = uint96((seed >> 8) % (EscrowMath.available(balance, reserved) + 1));
                reserved = EscrowMath.setAside(reserved, amount);
                promises[which] += amount;
            } else {
                uint96 amount = uint96((seed >> 8) % (uint256(promises[which]) + 1));
                (reserved, promises[which]) = EscrowMath.release(reserved, promises[which], amount);
                if (seed & 6 == 2) balance -= amount;
            }
            _eq("sum", reserved, uint256(promises[0]) + promises[1]);
            _eq("covered", reserved <= balance, true);
        }
    }
}
