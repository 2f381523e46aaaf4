// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DecoderRegistry} from "../../../contracts/registry/DecoderRegistry.sol";
import {ManufacturerRegistry} from "../../../contracts/registry/ManufacturerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";

/// @dev What a second version adds: a field in a namespace of its own, set once by a second initializer.
abstract contract Added {
    // keccak256(abi.encode(uint256(keccak256("dimo.storage.Added")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 internal constant ADDED_SLOT =
        keccak256(abi.encode(uint256(keccak256("dimo.storage.Added")) - 1)) & ~bytes32(uint256(0xff));

    function added() public view returns (uint256 value) {
        bytes32 slot = ADDED_SLOT;
        assembly ("memory-safe") {
            value := sload(slot)
        }
    }

    function _setAdded(uint256 value) internal {
        bytes32 slot = ADDED_SLOT;
        assembly ("memory-safe") {
            sstore(slot, value)
        }
    }
}

contract DimoTokenV2 is DimoToken, Added {
    function initializeV2(uint256 value) external reinitializer(2) {
        _setAdded(value);
    }
}

contract ManufacturerRegistryV2 is ManufacturerRegistry, Added {
    function initializeV2(uint256 value) external reinitializer(2) {
        _setAdded(value);
    }
}

contract MinerRegistryV2 is MinerRegistry, Added {
    function initializeV2(uint256 value) external reinitializer(2) {
        _setAdded(value);
    }
}

contract DecoderRegistryV2 is DecoderRegistry, Added {
    function initializeV2(uint256 value) external reinitializer(2) {
        _setAdded(value);
    }
}

interface IV2 {
    function initializeV2(uint256 value) external;
    function added() external view returns (uint256);
}
