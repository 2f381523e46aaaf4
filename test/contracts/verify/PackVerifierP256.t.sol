// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Packs signed with ES256: by the key that the registry keeps, with one of two signatures, and by no device without one.

import {CborReader} from "../../../contracts/verify/CborReader.sol";
import {CoseSign1} from "../../../contracts/verify/CoseSign1.sol";
import {IPackVerifier} from "../../../contracts/verify/IPackVerifier.sol";
import {PackBase} from "../support/PackBase.t.sol";

contract PackVerifierP256Test is PackBase {
    bytes private constant PAYLOAD = hex"a2010102182a";
    bytes private constant NO_HINT = hex"a0";

    function test_an_es256_pack_verifies_by_the_enrolled_key() public view {
        (address signer, bytes32 payloadHash) = verifier.verify(_packP(P256_KEY, secure, PAYLOAD, NO_HINT));
        _eq("signer", signer, secure);
        _eq("payload", payloadHash, sha256(PAYLOAD));
        (signer, payloadHash) = verifier.verifyAt(_packP(P256_KEY, secure, PAYLOAD, NO_HINT), uint48(START));
        _eq("signer then", signer, secure);
        _eq("payload then", payloadHash, sha256(PAYLOAD));
    }

    function test_a_hint_is_not_signed_and_not_needed() public view {
        verifier.verify(_packP(P256_KEY, secure, PAYLOAD, hex"a13a0001000000"));
        verifier.verify(_packP(P256_KEY, secure, PAYLOAD, hex"a13a0001000001"));
    }

    function testFuzz_any_payload(bytes memory payload) public view {
        (, bytes32 payloadHash) = verifier.verify(_packP(P256_KEY, secure, payload, NO_HINT));
        _eq("payload", payloadHash, sha256(payload));
    }

    function test_without_a_registry_the_key_is_recovered() public {
        bytes memory aad = verifier.externalAad();
        (address kid, bytes32 payloadHash) = verifier.recover(_packP(P256_KEY, secure, PAYLOAD, NO_HINT), aad);
        _eq("kid", kid, secure);
        _eq("payload", payloadHash, sha256(PAYLOAD));
        // Of the two hints one is right, and the other names another key.
        uint256 held = 0;
        for (uint8 hint = 0; hint < 2; ++hint) {
            bytes memory pack = _packP(P256_KEY, secure, PAYLOAD, abi.encodePacked(hex"a13a00010000", hint));
            (bool passed, ) = address(verifier).call(abi.encodeCall(verifier.recover, (pack, aad)));
            if (passed) ++held;
        }
        _eq("hints that hold", held, 1);
        bytes memory byOther = _packP(7, secure, PAYLOAD, NO_HINT);
        (bool taken, bytes memory reason) = address(verifier).call(abi.encodeCall(verifier.recover, (byOther, aad)));
        _eq("another key", taken, false);
        _eq("reason", bytes32(bytes4(reason)), bytes32(CoseSign1.SignerMismatch.selector));
        _eq("some other key", uint256(bytes32(_word(reason, 1))) != 0, true);
    }

    function test_no_key_recovers_from_zeros() public {
        bytes memory pack = _packP(P256_KEY, address(0), PAYLOAD, NO_HINT);
        for (uint256 i = pack.length - 64; i < pack.length; ++i) pack[i] = 0;
        bytes memory aad = verifier.externalAad();
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, address(0), address(0)));
        verifier.recover(pack, aad);
    }

    /// Where no key fits, recovery answers the point (0, 0), whose address anybody can name.
    function test_the_address_of_no_key_signs_nothing() public {
        address nobody = address(uint160(uint256(keccak256(new bytes(64)))));
        bytes memory pack = _packP(P256_KEY, nobody, PAYLOAD, NO_HINT);
        for (uint256 i = pack.length - 64; i < pack.length; ++i) pack[i] = 0;
        bytes memory aad = verifier.externalAad();
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, nobody, address(0)));
        verifier.recover(pack, aad);
    }

    function test_another_key_under_the_devices_kid_is_refused() public {
        bytes memory pack = _packP(7, secure, PAYLOAD, NO_HINT);
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, secure, address(0)));
        verifier.verify(pack);
    }

    function test_an_es256_pack_of_a_device_without_such_a_key_is_refused() public {
        bytes memory pack = _packP(P256_KEY, device, PAYLOAD, NO_HINT);
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceKeyUnknown.selector, device));
        verifier.verify(pack);
        pack = _packP(7, _addrP256(7), PAYLOAD, NO_HINT);
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceKeyUnknown.selector, _addrP256(7)));
        verifier.verify(pack);
    }

    function test_s_ends_at_half_the_order_of_p256() public {
        bytes memory pack = _packP(P256_KEY, secure, PAYLOAD, NO_HINT);
        uint256 s = P256_ORDER / 2 + 1;
        assembly {
            mstore(add(pack, mload(pack)), s)
        }
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignatureHighS.selector, s));
        verifier.verify(pack);
        // Half itself is above the lower half of the other curve, so that a limit of the wrong curve shows.
        s = P256_ORDER / 2;
        assembly {
            mstore(add(pack, mload(pack)), s)
        }
        vm.expectRevert(abi.encodeWithSelector(CoseSign1.SignerMismatch.selector, secure, address(0)));
        verifier.verify(pack);
    }

    function test_retirement_and_suspension_stop_es256_packs_as_well() public {
        bytes memory pack = _packP(P256_KEY, secure, PAYLOAD, NO_HINT);
        manufacturers.suspend(licence, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, secure, 1));
        verifier.verify(pack);
        manufacturers.reinstate(licence);
        vm.warp(START + 10);
        miners.retire(secure, "");
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, secure, 2));
        verifier.verify(pack);
        verifier.verifyAt(pack, uint48(START + 9));
        vm.expectRevert(abi.encodeWithSelector(IPackVerifier.DeviceNotEffective.selector, secure, 2));
        verifier.verifyAt(pack, uint48(START + 10));
    }

    /// Each single bit of a pack, and each length it can be cut to, in turn.
    function test_any_flipped_bit_and_any_cut_is_refused() public view {
        bytes memory pack = _packP(P256_KEY, secure, PAYLOAD, NO_HINT);
        for (uint256 bit = 0; bit < 8 * pack.length; ++bit) {
            bytes1 mask = bytes1(uint8(1 << (bit % 8)));
            pack[bit / 8] ^= mask;
            (bool passed, bytes memory why) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (pack)));
            _eq("bit", passed, false);
            _eq("panic", bytes4(why) == bytes4(0x4e487b71), false);
            pack[bit / 8] ^= mask;
        }
        for (uint256 length = 0; length < pack.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 i = 0; i < length; ++i) cut[i] = pack[i];
            (bool passed, bytes memory why) = address(verifier).staticcall(abi.encodeCall(verifier.verify, (cut)));
            _eq("cut", passed, false);
            _eq("reason", bytes32(bytes4(why)), bytes32(CborReader.PackTruncated.selector));
        }
    }

    function _word(bytes memory reason, uint256 index) private pure returns (bytes32 word) {
        assembly {
            word := mload(add(reason, add(36, mul(32, index))))
        }
    }
}
