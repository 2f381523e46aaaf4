// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The reader of CBOR alone: it takes what is there up to the last byte, and says so wherever there is less.

import {CborReader} from "../../../contracts/verify/CborReader.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

/// @dev The library, callable.
contract CborCalls {
    function slice(bytes calldata message, uint256 offset, uint256 length) external pure returns (bytes memory) {
        return CborReader.slice(message, offset, length);
    }

    function skip(bytes calldata message, uint256 offset) external pure returns (uint256) {
        return CborReader.skip(message, offset);
    }

    function head(bytes calldata message, uint256 offset, uint8 majorType) external pure returns (uint256, uint256) {
        return CborReader.head(message, offset, majorType);
    }
}

contract CborReaderTest is RegistryBase {
    CborCalls private cbor;

    function setUp() public override {
        cbor = new CborCalls();
    }

    function test_a_slice_may_end_with_the_bytes_and_be_empty_there() public view {
        _eq("all", keccak256(cbor.slice(hex"010203", 0, 3)), keccak256(hex"010203"));
        _eq("last", keccak256(cbor.slice(hex"010203", 2, 1)), keccak256(hex"03"));
        _eq("empty", cbor.slice(hex"010203", 3, 0).length, 0);
        _eq("of nothing", cbor.slice("", 0, 0).length, 0);
    }

    function test_a_slice_beyond_the_end_is_refused() public {
        uint256[2][6] memory slices = [
            [uint256(0), 4],
            [uint256(2), 2],
            [uint256(3), 1],
            [uint256(4), 0],
            [uint256(4), 1],
            [type(uint256).max, type(uint256).max]
        ];
        for (uint256 i = 0; i < slices.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(CborReader.PackTruncated.selector, slices[i][0], slices[i][1]));
            cbor.slice(hex"010203", slices[i][0], slices[i][1]);
        }
    }

    function test_an_empty_string_may_be_the_last_item() public view {
        _eq("bytes", cbor.skip(hex"40", 0), 1);
        _eq("text", cbor.skip(hex"0060", 1), 2);
    }

    function test_no_item_begins_at_the_end_or_behind_it() public {
        for (uint256 offset = 1; offset < 4; ++offset) {
            vm.expectRevert(abi.encodeWithSelector(CborReader.PackTruncated.selector, offset, 1));
            cbor.skip(hex"00", offset);
            vm.expectRevert(abi.encodeWithSelector(CborReader.PackTruncated.selector, offset, 1));
            cbor.head(hex"00", offset, 0);
        }
    }

    /// 24 to 27 announce one to eight bytes; 28 to 30 are reserved, 31 is an indefinite length.
    function test_additional_information_ends_at_27() public {
        (uint256 next, uint256 value) = cbor.head(hex"5b0000000100000000", 0, 2);
        _eq("next", next, 9);
        _eq("value", value, 1 << 32);
        for (uint8 info = 28; info < 32; ++info) {
            bytes memory item = abi.encodePacked(0x40 | info, new bytes(16));
            vm.expectRevert(abi.encodeWithSelector(CborReader.PackTypeUnexpected.selector, 0, 2, 0x40 | info));
            cbor.head(item, 0, 2);
            vm.expectRevert(abi.encodeWithSelector(CborReader.PackItemRefused.selector, 0, 0x40 | info));
            cbor.skip(item, 0);
        }
    }
}
