// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The form of a signed message alone: where its parts are, and what is said of one that ends early.

import {CborReader} from "../../../contracts/verify/CborReader.sol";
import {CoseSign1} from "../../../contracts/verify/CoseSign1.sol";
import {PackBase} from "../support/PackBase.t.sol";

/// @dev The library, callable.
contract CoseCalls {
    function parse(bytes calldata message) external pure returns (CoseSign1.Message memory) {
        return CoseSign1.parse(message);
    }
}

contract CoseSign1Test is PackBase {
    CoseCalls private cose;
    bytes private constant FRONT = hex"d284581aa201382e0454c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3";
    address private constant KID = 0xC0c1C2c3C4C5c6c7C8c9CAcbccCDcEcfD0d1D2d3;
    bytes private constant PAYLOAD = hex"450102030405";
    bytes32 private constant R = bytes32(uint256((0x11 << 248) | 0x22));
    bytes32 private constant S = bytes32(uint256((0x33 << 248) | 0x44));

    function setUp() public override {
        super.setUp();
        cose = new CoseCalls();
    }

    function test_parts_of_a_message_are_told_by_their_offsets() public view {
        CoseSign1.Message memory parts = cose.parse(bytes.concat(FRONT, hex"a0", PAYLOAD, hex"5840", R, S));
        _eq("kid", parts.kid, KID);
        _eq("p256", parts.p256, false);
        _eq("r", parts.r, R);
        _eq("s", parts.s, S);
        _eq("protectedEncodedStart", parts.protectedEncodedStart, 2);
        _eq("protectedEnd", parts.protectedEnd, 30);
        _eq("payloadEncodedStart", parts.payloadEncodedStart, 31);
        _eq("payloadStart", parts.payloadStart, 32);
        _eq("payloadEnd", parts.payloadEnd, 37);
        parts = cose.parse(bytes.concat(FRONT, hex"a13a0001000001", PAYLOAD, hex"5840", R, S));
        _eq("hint", parts.hint, 1);
        _eq("payload behind a hint", parts.payloadEncodedStart, 37);
    }

    function test_a_cut_is_named_by_the_part_that_it_takes() public {
        bytes memory message = bytes.concat(FRONT, hex"a0", PAYLOAD, hex"5840", R, S);
        uint8[3][13] memory rows = [
            // Length left, where bytes are missing, how many ought to be there.
            [1, 0, 2],
            [2, 2, 1],
            [3, 3, 1],
            [4, 4, 26],
            [29, 4, 26],
            [30, 30, 1],
            [31, 31, 1],
            [32, 32, 5],
            [36, 32, 5],
            [37, 37, 2],
            [38, 37, 2],
            [39, 39, 64],
            [102, 39, 64]
        ];
        for (uint256 i = 0; i < rows.length; ++i) _refuseCut(message, rows[i][0], rows[i][1], rows[i][2]);
        message = bytes.concat(FRONT, hex"a13a0001000000", PAYLOAD, hex"5840", R, S);
        _refuseCut(message, 31, 30, 6);
        _refuseCut(message, 35, 30, 6);
        _refuseCut(message, 36, 36, 1);
        _refuseCut(message, 37, 37, 1);
    }

    /// However short, it is read up to its own end and no further, and what is missing depends on the algorithm it names.
    function test_a_protected_header_that_ends_early_is_refused() public {
        bytes[6] memory headers = [bytes(hex"40"), hex"41a2", hex"41a3", hex"42a201", hex"43a20138", hex"44a201382e"];
        bytes memory rest = bytes.concat(hex"a0", PAYLOAD, hex"5840", R, S);
        for (uint256 i = 0; i < headers.length; ++i) {
            _refuse(
                bytes.concat(hex"d284", headers[i], rest),
                abi.encodeWithSelector(CborReader.PackTruncated.selector, 3, 6)
            );
        }
        _refuse(bytes.concat(hex"d28443a20126", rest), abi.encodeWithSelector(CborReader.PackTruncated.selector, 3, 5));
        _refuse(
            bytes.concat(hex"d284", hex"40", hex"a2012604"),
            abi.encodeWithSelector(CborReader.PackTruncated.selector, 3, 6)
        );
    }

    function test_text_is_printable_ascii_from_space_to_tilde() public {
        cose.parse(_typed(" ~"));
        cose.parse(_typed("~ "));
        bytes[4] memory texts = [bytes(hex"1f"), hex"7f", hex"00", hex"80"];
        for (uint256 i = 0; i < texts.length; ++i) {
            _refuse(
                _typed(bytes.concat(texts[i], "a")),
                abi.encodeWithSelector(CoseSign1.PackTextInvalid.selector, 32)
            );
            _refuse(
                _typed(bytes.concat("a", texts[i])),
                abi.encodeWithSelector(CoseSign1.PackTextInvalid.selector, 33)
            );
        }
    }

    /// A hint can only help or fail: where it is the other one, no second try is made.
    function test_of_the_two_hints_one_is_right() public {
        uint256[2] memory seen;
        bytes memory aad = verifier.externalAad();
        for (uint8 i = 0; i < 16; ++i) {
            (bytes32 signed, bytes memory front, bytes memory tail) = _parts(hex"382e", device, abi.encodePacked(i));
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(DEVICE_KEY, signed);
            bytes memory rest = bytes.concat(tail, hex"5840", r, s);
            verifier.recover(abi.encodePacked(front, hex"a13a00010000", v - 27, rest), aad);
            ++seen[v - 27];
            bytes memory other = abi.encodePacked(front, hex"a13a00010000", 28 - v, rest);
            address recovered = ecrecover(signed, 55 - v, r, s);
            vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, device, recovered));
            verifier.recover(other, aad);
        }
        _eq("both were right once", seen[0] != 0 && seen[1] != 0, true);
    }

    /// @dev A message whose type is of two characters.
    function _typed(bytes memory text) private pure returns (bytes memory) {
        return
            bytes.concat(hex"d284581ea301382e0454", bytes20(KID), hex"1062", text, hex"a0", PAYLOAD, hex"5840", R, S);
    }

    function _refuseCut(bytes memory message, uint256 left, uint256 offset, uint256 length) private {
        bytes memory cut = new bytes(left);
        for (uint256 i = 0; i < left; ++i) cut[i] = message[i];
        _refuse(cut, abi.encodeWithSelector(CborReader.PackTruncated.selector, offset, length));
    }

    function _refuse(bytes memory message, bytes memory reason) private {
        vm.expectRevert(reason);
        cose.parse(message);
    }
}
