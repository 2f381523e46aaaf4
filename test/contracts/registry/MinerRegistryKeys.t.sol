// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Keys of devices: P-256 counts like secp256k1, its key is kept, and each curve takes its own form of signature alone.

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

contract MinerRegistryKeysTest is EnrolmentBase {
    /// An account that is both a key and, by ERC-7702 or otherwise, code.
    bytes private constant REFUSING_CODE = hex"5f5ffd";

    function test_a_p256_device_is_enrolled_by_the_address_of_its_point() public {
        address secure = _addrP256(P256_KEY);
        vm.expectEmit();
        emit I.DeviceEnrolled(secure, licence, OWNER, MODEL);
        _enrolP256(P256_KEY);
        I.DeviceInfo memory info = miners.deviceInfo(secure);
        _eq("status", uint256(info.status), uint256(I.DeviceStatus.Active));
        _eq("effective", info.effective, true);
        _eq("owner", info.owner, OWNER);
        _eq("fleet", miners.fleetOf(licence), 1);
    }

    function test_the_key_of_a_p256_device_is_kept_and_no_other() public {
        _enrolP256(P256_KEY);
        _enrol(_enrolment());
        (uint256 x, uint256 y) = vmP256.publicKeyP256(P256_KEY);
        (bytes32 keptX, bytes32 keptY) = miners.keyOf(_addrP256(P256_KEY));
        _eq("x", uint256(keptX), x);
        _eq("y", uint256(keptY), y);
        (keptX, keptY) = miners.keyOf(device);
        _eq("no x", keptX, bytes32(0));
        _eq("no y", keptY, bytes32(0));
    }

    function test_the_key_outlasts_the_device() public {
        address secure = _enrolP256(P256_KEY);
        miners.retire(secure, "");
        (bytes32 x, ) = miners.keyOf(secure);
        _eq("for packs of its time", x != 0, true);
    }

    function testFuzz_any_p256_key_enrols(uint256 key) public {
        key = 1 + (key % (P256_ORDER - 1));
        _eq("status", uint256(_status(_enrolP256(key))), uint256(I.DeviceStatus.Active));
    }

    function test_a_p256_signature_by_another_key_names_it() public {
        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        _refuse(e, _signP256(7, _digest(e)), _invalid(e.device, _addrP256(7)));
    }

    function test_a_p256_signature_of_something_else_names_nobody() public {
        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        _refuse(e, _signP256(P256_KEY, keccak256("else")), _invalid(e.device, address(0)));
    }

    function test_another_p256_key_is_named_whatever_it_signed() public {
        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        _refuse(e, _signP256(7, keccak256("else")), _invalid(e.device, _addrP256(7)));
    }

    /// A verifier's address stands first in an ERC-7913 signer. Where somebody holds the key to that very address, it is
    /// still the verifier that is asked.
    function test_the_key_of_a_verifiers_address_does_not_sign_for_it() public {
        address keyed = vm.addr(OTHER_KEY);
        manufacturers.setVerifier(keyed, true);
        vm.prank(maker);
        manufacturers.setAttestationSigner(licence, abi.encodePacked(keyed, "key"));
        I.Enrolment memory e = _enrolment();
        bytes memory byKeyed = _sign(OTHER_KEY, _digest(e));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        vm.expectRevert(
            abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(keyed, "key"))
        );
        miners.enrol(e, byKeyed, byDevice);
    }

    function test_an_unpaired_device_ends_without_a_word_of_vehicles() public {
        _enrol(_enrolment());
        VmLogs(address(vm)).recordLogs();
        miners.retire(device, "");
        _eq("events", VmLogs(address(vm)).getRecordedLogs().length, 1);
    }

    /// The address alone decides: a point off the curve that hashes to nothing enrolled is another device's.
    function test_a_point_off_the_curve_signs_nothing() public {
        (uint256 x, uint256 y) = vmP256.publicKeyP256(P256_KEY);
        address off = address(uint160(uint256(keccak256(abi.encodePacked(x, y + 1)))));
        I.Enrolment memory e = _enrolment(off);
        (bytes32 r, bytes32 s) = _rsP256(P256_KEY, _digest(e));
        _refuse(e, abi.encodePacked(r, s, x, y + 1), _invalid(off, address(0)));
    }

    function test_s_of_p256_ends_at_half_the_order() public {
        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        bytes memory signature = _signP256HighS(P256_KEY, _digest(e));
        bytes32 s;
        assembly {
            s := mload(add(signature, 64))
        }
        _refuse(e, signature, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s));
        s = bytes32(P256_ORDER / 2 + 1);
        assembly {
            mstore(add(signature, 64), s)
        }
        _refuse(e, signature, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s));
        s = bytes32(P256_ORDER / 2);
        assembly {
            mstore(add(signature, 64), s)
        }
        _refuse(e, signature, _invalid(e.device, address(0)));
    }

    function test_signatures_of_other_lengths_are_refused() public {
        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        bytes memory whole = _signP256(P256_KEY, _digest(e));
        uint8[7] memory lengths = [0, 64, 66, 96, 127, 129, 160];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory signature = new bytes(lengths[i]);
            for (uint256 j = 0; j < signature.length && j < 128; ++j) signature[j] = whole[j];
            bytes memory refusal = abi.encodeWithSelector(
                ECDSA.ECDSAInvalidSignatureLength.selector,
                uint256(lengths[i])
            );
            _refuse(e, signature, refusal);
        }
    }

    function test_rotation_goes_from_either_curve_to_the_other() public {
        address first = _enrolKey(DEVICE_KEY);
        address secure = _addrP256(P256_KEY);
        _rotate(first, secure, _signP256(P256_KEY, _digest(_rotationOf(first, secure))));
        (bytes32 x, ) = miners.keyOf(secure);
        _eq("key kept", x != 0, true);
        address last = vm.addr(OTHER_KEY);
        _rotate(secure, last, _sign(OTHER_KEY, _digest(_rotationOf(secure, last))));
        _eq("first", uint256(_status(first)), uint256(I.DeviceStatus.Retired));
        _eq("second", uint256(_status(secure)), uint256(I.DeviceStatus.Retired));
        _eq("last", uint256(_status(last)), uint256(I.DeviceStatus.Active));
        _eq("fleet", miners.fleetOf(licence), 1);
        // A retired key does not come back by rotation either.
        bytes memory byMaker = _sign(MAKER_KEY, _digest(_rotationOf(last, first)));
        bytes memory byFirst = _sign(DEVICE_KEY, _digest(_rotationOf(last, first)));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceStatusRefused.selector, first, I.DeviceStatus.Retired));
        miners.rotate(_rotationOf(last, first), byMaker, byFirst);
    }

    function test_rotation_ends_with_its_deadline_and_needs_an_active_licence() public {
        _enrol(_enrolment());
        I.Rotation memory r = _rotation();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(r));
        bytes memory byNew = _sign(OTHER_KEY, _digest(r));
        vm.warp(r.deadline + 1);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, r.deadline, r.deadline + 1));
        miners.rotate(r, byMaker, byNew);
        vm.warp(r.deadline);
        manufacturers.suspend(licence, "");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceNotActive.selector, licence, 3));
        miners.rotate(r, byMaker, byNew);
        manufacturers.reinstate(licence);
        vm.prank(OWNER);
        miners.rotate(r, byMaker, byNew);
    }

    function test_rotation_needs_no_room_in_the_fleet() public {
        manufacturers.setDeviceCap(licence, 1);
        _enrol(_enrolment());
        I.Rotation memory r = _rotation();
        _rotate(device, r.newDevice, _sign(OTHER_KEY, _digest(r)));
        _eq("fleet", miners.fleetOf(licence), 1);
        _eq("model", miners.deviceInfo(r.newDevice).modelId, MODEL);
        _eq("licence", miners.deviceInfo(r.newDevice).manufacturerId, licence);
        _eq("unpaired", miners.deviceInfo(r.newDevice).vehicle, bytes32(0));
        _eq("no vehicle", miners.deviceOf(OWNER, 0), address(0));
    }

    function test_an_account_with_code_still_signs_with_its_key() public {
        VmEtch(address(vm)).etch(maker, REFUSING_CODE);
        _enrol(_enrolment());
    }

    function test_models_are_told_apart() public {
        _enrol(_enrolment());
        I.Enrolment memory e = _enrolment(vm.addr(OTHER_KEY));
        e.modelId = "AP-2";
        bytes32 digest = _digest(e);
        miners.enrol(e, _sign(MAKER_KEY, digest), _sign(OTHER_KEY, digest));
        address third = _enrolKey(7);
        _eq("first", miners.deviceInfo(device).modelId, MODEL);
        _eq("second", miners.deviceInfo(e.device).modelId, "AP-2");
        _eq("third", miners.deviceInfo(third).modelId, MODEL);
    }

    function test_typehashes_are_of_the_documented_types() public view {
        _eq(
            "batch",
            miners.BATCH_TYPEHASH(),
            keccak256(
                "EnrolmentBatch(uint256 manufacturerId,bytes32 modelId,bytes32 root,uint256 count,uint256 nonce,uint256 deadline)"
            )
        );
        _eq(
            "claim",
            miners.CLAIM_TYPEHASH(),
            keccak256("BatchClaim(bytes32 batchId,uint256 index,address device,address owner,uint256 deadline)")
        );
        _eq(
            "rotation",
            miners.ROTATION_TYPEHASH(),
            keccak256("Rotation(address device,address newDevice,uint256 nonce,uint256 deadline)")
        );
        _eq("manufacturers", miners.manufacturerRegistry(), address(manufacturers));
    }

    function _rotationOf(address from, address to) private pure returns (I.Rotation memory) {
        return I.Rotation({device: from, newDevice: to, nonce: 0, deadline: START + 1 days});
    }

    function _rotate(address from, address to, bytes memory byNew) private {
        I.Rotation memory r = _rotationOf(from, to);
        bytes memory byMaker = _sign(MAKER_KEY, _digest(r));
        vm.prank(OWNER);
        miners.rotate(r, byMaker, byNew);
    }

    function _invalid(address device_, address recovered) private pure returns (bytes memory) {
        return abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, device_, recovered);
    }

    function _refuse(I.Enrolment memory e, bytes memory deviceSignature, bytes memory reason) private {
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        vm.expectRevert(reason);
        miners.enrol(e, byMaker, deviceSignature);
    }
}

interface VmEtch {
    function etch(address target, bytes calldata code) external;
}

interface VmLogs {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory logs);
}
