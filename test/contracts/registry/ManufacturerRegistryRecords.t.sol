// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What the registry tells of its licences: an event of every change, with its figures, and views that agree with it.

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC5192} from "../../../contracts/registry/IERC5192.sol";
import {IManufacturerRegistry as I} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract ManufacturerRegistryRecordsTest is RegistryBase {
    bytes32 private constant MODEL = "AP-1";
    bytes32 private constant IMAGE = "image";
    uint256 private constant UNKNOWN = 999;

    function test_a_grant_is_minted_locked_and_told_in_full() public {
        vm.expectEmit();
        emit IERC721.Transfer(address(0), maker, 1);
        vm.expectEmit();
        emit IERC5192.Locked(1);
        vm.expectEmit();
        emit I.LicenceGranted(1, maker, "Acme", 5, 7, abi.encodePacked(maker));
        manufacturers.grant(maker, "Acme", 5, 7, abi.encodePacked(maker));
        I.Licence memory licence = manufacturers.licenceOf(1);
        _eq("status", uint256(licence.status), uint256(I.LicenceStatus.Granted));
        _eq("cap", licence.deviceCap, 7);
        _eq("until", licence.until, 0);
        _eq("guardian", licence.guardianUsed, false);
        _eq("bond", licence.bond, 0);
        _eq("required", licence.bondRequired, 5);
        _eq("owner", licence.owner, maker);
    }

    function test_a_suspension_by_vote_has_no_end() public {
        uint256 id = _licence();
        vm.expectEmit();
        emit I.LicenceSuspended(id, 0, "recall");
        manufacturers.suspend(id, "recall");
        _eq("until", manufacturers.licenceOf(id).until, 0);
        vm.expectEmit();
        emit I.LicenceReinstated(id, I.LicenceStatus.Active);
        manufacturers.reinstate(id);
    }

    function test_a_guardians_suspension_shows_its_end_until_then() public {
        uint256 id = _licence();
        uint40 until = uint40(START + 7 days);
        vm.expectEmit();
        emit I.LicenceSuspended(id, until, "recall");
        manufacturers.guardianSuspend(id, 7 days, "recall");
        _eq("used", manufacturers.licenceOf(id).guardianUsed, true);
        vm.warp(until - 1);
        _eq("the second before", manufacturers.licenceOf(id).until, until);
        vm.warp(until);
        _eq("the second itself", manufacturers.licenceOf(id).until, 0);
    }

    function test_a_vote_takes_the_end_from_a_guardians_suspension() public {
        uint256 id = _licence();
        manufacturers.guardianSuspend(id, 7 days, "");
        manufacturers.suspend(id, "");
        _eq("until", manufacturers.licenceOf(id).until, 0);
        vm.warp(START + 365 days);
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Suspended));
    }

    function test_a_revocation_tells_when_the_bond_is_free() public {
        uint256 id = _licence();
        vm.expectEmit();
        emit I.LicenceRevoked(id, uint40(START + 180 days), "fraud");
        manufacturers.revoke(id, "fraud");
        _eq("until", manufacturers.licenceOf(id).until, START + 180 days);
    }

    function test_the_exit_period_shows_its_end_until_then() public {
        uint256 id = _licence();
        vm.expectEmit();
        emit I.LicenceExiting(id, uint40(START + 180 days));
        vm.prank(maker);
        manufacturers.exit(id);
        vm.warp(START + 180 days - 1);
        _eq("the second before", manufacturers.licenceOf(id).until, START + 180 days);
        vm.warp(START + 180 days);
        _eq("the second itself", manufacturers.licenceOf(id).until, 0);
    }

    function test_settings_are_told_and_hold() public {
        uint256 id = _licence();
        vm.expectEmit();
        emit I.DeviceCapSet(id, 2_000);
        manufacturers.setDeviceCap(id, 2_000);
        vm.expectEmit();
        emit I.VerifierSet(STRANGER, true);
        manufacturers.setVerifier(STRANGER, true);
        _eq("listed", manufacturers.isVerifier(STRANGER), true);
        bytes memory signer = abi.encodePacked(OWNER);
        vm.expectEmit();
        emit I.AttestationSignerSet(id, signer);
        vm.prank(maker);
        manufacturers.setAttestationSigner(id, signer);
        (I.LicenceStatus status, uint32 deviceCap, bytes memory told) = manufacturers.enrolmentTerms(id);
        _eq("status", uint256(status), uint256(I.LicenceStatus.Active));
        _eq("cap", deviceCap, 2_000);
        _eq("signer", keccak256(told), keccak256(signer));
    }

    function test_certificates_are_told() public {
        uint256 id = _licence();
        vm.expectEmit();
        emit I.ModelCertified(id, MODEL, IMAGE, "audit");
        manufacturers.certify(id, MODEL, IMAGE, "audit");
        vm.expectEmit();
        emit I.CertificateWithdrawn(id, MODEL, IMAGE);
        manufacturers.withdrawCertificate(id, MODEL, IMAGE);
    }

    /// 20 bytes are an address; one more is a key, however short, and takes a listed verifier.
    function test_a_signer_of_21_bytes_has_a_verifier() public {
        bytes memory signer = abi.encodePacked(STRANGER, bytes1(0x01));
        uint256 id = _licence();
        vm.prank(maker);
        vm.expectRevert(abi.encodeWithSelector(I.VerifierNotListed.selector, STRANGER));
        manufacturers.setAttestationSigner(id, signer);
        manufacturers.setVerifier(STRANGER, true);
        vm.prank(maker);
        manufacturers.setAttestationSigner(id, signer);
        (, , bytes memory usable) = manufacturers.enrolmentTerms(id);
        _eq("listed", keccak256(usable), keccak256(signer));
        manufacturers.setVerifier(STRANGER, false);
        (, , usable) = manufacturers.enrolmentTerms(id);
        _eq("delisted", usable.length, 0);
    }

    function test_nothing_can_be_done_to_a_licence_that_is_none() public {
        bytes[11] memory calls = [
            abi.encodeCall(I.postBond, (UNKNOWN)),
            abi.encodeCall(I.suspend, (UNKNOWN, "")),
            abi.encodeCall(I.guardianSuspend, (UNKNOWN, 1, "")),
            abi.encodeCall(I.reinstate, (UNKNOWN)),
            abi.encodeCall(I.revoke, (UNKNOWN, "")),
            abi.encodeCall(I.slash, (UNKNOWN, 1, "")),
            abi.encodeCall(I.exit, (UNKNOWN)),
            abi.encodeCall(I.withdrawBond, (UNKNOWN)),
            abi.encodeCall(I.setDeviceCap, (UNKNOWN, 1)),
            abi.encodeCall(I.setAttestationSigner, (UNKNOWN, abi.encodePacked(maker))),
            abi.encodeCall(I.certify, (UNKNOWN, MODEL, IMAGE, "audit"))
        ];
        bytes32 expected = keccak256(
            abi.encodeWithSelector(I.LicenceStatusRefused.selector, UNKNOWN, I.LicenceStatus.None)
        );
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool passed, bytes memory reason) = address(manufacturers).call(calls[i]);
            _eq("passed", passed, false);
            _eq("reason", keccak256(reason), expected);
        }
        vm.expectRevert(abi.encodeWithSelector(I.CertificateUnknown.selector, UNKNOWN, MODEL, IMAGE));
        manufacturers.withdrawCertificate(UNKNOWN, MODEL, IMAGE);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, UNKNOWN));
        manufacturers.locked(UNKNOWN);
    }
}
